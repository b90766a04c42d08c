namespace Cluster.Providers.Toolkits.Files;

/// <summary>What the toolkit <c>files</c> may do.</summary>
public sealed record FileToolkitOptions
{
    /// <summary>Gets the directory that the tools see; nothing outside of it is reached, not by links either.</summary>
    public required string Root { get; init; }

    /// <summary>Gets a value indicating whether files may be written and appended to. The default is true.</summary>
    public bool AllowWrite { get; init; } = true;

    /// <summary>Gets a value indicating whether files may be deleted. The default is false.</summary>
    public bool AllowDelete { get; init; }

    /// <summary>Gets how large files may be that are read, searched or left behind by writing, in bytes. The default is 10 MiB.</summary>
    public int MaxFileBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>Gets how many letters of a file the model gets at once. The default is 50,000.</summary>
    public int MaxLetters { get; init; } = 50_000;

    /// <summary>Gets how many entries a list or a search gives. The default is 200.</summary>
    public int MaxEntries { get; init; } = 200;
}
