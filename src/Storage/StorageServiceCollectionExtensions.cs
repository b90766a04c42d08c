using Cluster.Engine.Errors;
using Cluster.Storage;
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
        return StoreAddress.Parse(store) switch
        {
            { Kind: StoreKind.Sqlite, Place: var directory } => services.AddSqliteStorage(directory),
            { Kind: StoreKind.Postgres, Place: var connection } => (use is { } claimed ? services.ClaimPostgresDatabase(claimed) : services).AddPostgresStorage(connection),
            _ => services,
        };
    }
}
