using Cluster.Engine.Errors;

namespace Cluster.Storage;

/// <summary>Where a store is, as settings name it.</summary>
/// <param name="Kind">What kind of store it is.</param>
/// <param name="Place">The directory or the connection string; empty for a store in memory.</param>
public sealed record StoreAddress(StoreKind Kind, string Place)
{
    /// <summary>Reads a setting.</summary>
    /// <param name="store"><c>sqlite:DIRECTORY</c> (<c>embedded:</c> is understood as the same), <c>postgres:CONNECTION</c> or <c>memory:</c>.</param>
    /// <returns>The address.</returns>
    /// <exception cref="InvalidRequestException">It is none of these.</exception>
    public static StoreAddress Parse(string store)
    {
        ArgumentNullException.ThrowIfNull(store);
        var colon = store.IndexOf(':', StringComparison.Ordinal);
        var place = store[(colon + 1)..];
        var kind = colon < 0 ? store : store[..colon];
        return (kind, place.Length > 0) switch
        {
            ("memory", false) => new StoreAddress(StoreKind.Memory, string.Empty),
            ("sqlite" or "embedded", true) => new StoreAddress(StoreKind.Sqlite, place),
            ("postgres", true) => new StoreAddress(StoreKind.Postgres, place),
            _ => throw new InvalidRequestException($"{Name(kind)} Use sqlite:DIRECTORY, postgres:CONNECTION or memory:."),
        };
    }

    /// <summary>Only a plain word is repeated: anything else may be a connection with its password.</summary>
    private static string Name(string kind) => kind.Length > 0 && kind.All(char.IsAsciiLetterOrDigit)
        ? $"The kind of store '{kind}' is unknown, or what follows it does not fit."
        : "The store setting names no kind of store.";
}

/// <summary>The kinds of stores.</summary>
public enum StoreKind
{
    /// <summary>Kept in memory and lost with the process.</summary>
    Memory,

    /// <summary>A directory with a database of SQLite.</summary>
    Sqlite,

    /// <summary>A database of PostgreSQL.</summary>
    Postgres,
}
