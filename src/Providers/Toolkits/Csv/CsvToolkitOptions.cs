namespace Cluster.Providers.Toolkits.Csv;

/// <summary>What the toolkit <c>csv</c> may do.</summary>
public sealed record CsvToolkitOptions
{
    /// <summary>Gets the directory whose CSV files the tools see; nothing outside of it is reached, not by links either.</summary>
    public required string Root { get; init; }

    /// <summary>Gets what stands between two values. The default is a comma.</summary>
    public char Delimiter { get; init; } = ',';

    /// <summary>Gets how large a file may be, in bytes. The default is 100 MiB.</summary>
    public long MaxFileBytes { get; init; } = 100 * 1024 * 1024;

    /// <summary>Gets how many rows the model gets at once. The default is 100.</summary>
    public int MaxRows { get; init; } = 100;
}
