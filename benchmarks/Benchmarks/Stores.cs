using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Benchmarks;

/// <summary>Chooses the store that is measured.</summary>
internal static class Stores
{
    public static IServiceCollection AddStore(this IServiceCollection services, string store) => store switch
    {
        "memory:" => services,
        _ => throw new ArgumentException($"The store '{store}' is unknown. Use memory:, embedded:DIRECTORY or postgres:CONNECTION.", nameof(store)),
    };
}
