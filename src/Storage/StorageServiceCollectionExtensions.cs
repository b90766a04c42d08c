using Cluster.Engine.Errors;
using Cluster.Storage.Postgres.Claims;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers a store by its name in settings.</summary>
public static class StorageServiceCollectionExtensions
{
    /// <summary>Adds a store. It is opened, and a refusal shows, when the host starts.</summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="store"><c>sqlite:DIRECTORY</c> (<c>embedded:</c> is understood as the same), <c>postgres:CONNECTION</c> or <c>memory:</c>.</param>
    /// <param name="use">With whom this process works on a database of PostgreSQL; null to let everybody, and to see to it otherwise that nobody takes its runs.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    /// <exception cref="InvalidRequestException">The store is none of these.</exception>
    public static IServiceCollection AddStore(this IServiceCollection services, string store, DatabaseUse? use = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(store);
        var colon = store.IndexOf(':', StringComparison.Ordinal);
        var where = store[(colon + 1)..];
        var kind = colon < 0 ? store : store[..colon];
        return (kind, where.Length > 0) switch
        {
            ("memory", false) => services,
            ("sqlite" or "embedded", true) => services.AddSqliteStorage(where),
            ("postgres", true) => (use is { } claimed ? services.ClaimPostgresDatabase(claimed) : services).AddPostgresStorage(where),
            _ => throw new InvalidRequestException($"{Name(kind)} Use sqlite:DIRECTORY, postgres:CONNECTION or memory:."),
        };
    }

    /// <summary>Only a plain word is repeated: anything else may be a connection with its password.</summary>
    private static string Name(string kind) => kind.Length > 0 && kind.All(char.IsAsciiLetterOrDigit)
        ? $"The kind of store '{kind}' is unknown, or what follows it does not fit."
        : "The store setting names no kind of store.";
}
