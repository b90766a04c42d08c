namespace Cluster.Engine.Tools;

/// <summary>What kinds of approval are called in events, records and answers.</summary>
public static class ApprovalTypes
{
    /// <summary>The name of <see cref="ApprovalType.Required"/>.</summary>
    public const string Required = "required";

    /// <summary>The name of <see cref="ApprovalType.Audit"/>.</summary>
    public const string Audit = "audit";

    /// <summary>Gives the name of a kind.</summary>
    /// <param name="type">The kind.</param>
    /// <returns>The name; null for none.</returns>
    public static string? NameOf(ApprovalType type) => type switch
    {
        ApprovalType.Required => Required,
        ApprovalType.Audit => Audit,
        _ => null,
    };

    /// <summary>Reads a name.</summary>
    /// <param name="name">The name; null, and every other text, for none.</param>
    /// <returns>The kind.</returns>
    public static ApprovalType Parse(string? name) => name switch
    {
        Required => ApprovalType.Required,
        Audit => ApprovalType.Audit,
        _ => ApprovalType.None,
    };
}
