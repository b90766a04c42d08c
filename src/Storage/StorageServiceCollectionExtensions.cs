using Cluster.Engine.Errors;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers a store by its name in settings.</summary>
public static class StorageServiceCollectionExtensions
{
    /// <summary>Adds a store. It is opened, and a refusal shows, when the host starts.</summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="store"><c>embedded:DIRECTORY</c>, <c>postgres:CONNECTION</c> or <c>memory:</c>.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    /// <exception cref="InvalidRequestException">The store is none of these.</exception>
    public static IServiceCollection AddStore(this IServiceCollection services, string store)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(store);
        var colon = store.IndexOf(':', StringComparison.Ordinal);
        var where = store[(colon + 1)..];
        return (colon < 0 ? store : store[..colon], where.Length > 0) switch
        {
            ("memory", false) => services,
            ("embedded", true) => services.AddEmbeddedStorage(where),
            ("postgres", true) => services.AddPostgresStorage(where),
            _ => throw new InvalidRequestException($"The store '{store}' is unknown. Use embedded:DIRECTORY, postgres:CONNECTION or memory:."),
        };
    }
}
