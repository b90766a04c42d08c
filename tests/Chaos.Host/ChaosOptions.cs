namespace Cluster.Chaos.Host;

/// <summary>How the tools of this silo behave and where they leave their traces, bound from the section <c>Chaos</c>.</summary>
public sealed class ChaosOptions
{
    public const string SectionName = "Chaos";

    /// <summary>Gets or sets what the ledger calls this silo.</summary>
    public string Name { get; set; } = "silo";

    /// <summary>Gets or sets Npgsql's connection string of the ledger's database, which the product does not know.</summary>
    public string Ledger { get; set; } = string.Empty;

    /// <summary>Gets or sets the shortest time that a tool call takes, in milliseconds; the longest is twice that.</summary>
    public int ToolMilliseconds { get; set; } = 1_000;

    /// <summary>Gets or sets the pause between two pieces of the model's text, in milliseconds.</summary>
    public int PieceMilliseconds { get; set; } = 20;
}
