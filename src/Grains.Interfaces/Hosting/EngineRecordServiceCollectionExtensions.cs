using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Orleans.Serialization;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers how engine records cross grain calls.</summary>
public static class EngineRecordServiceCollectionExtensions
{
    /// <summary>Lets the engine's records cross grain calls as the JSON that they are in stores and in the API.</summary>
    /// <param name="services">The services to add to.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddEngineRecords(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddSerializer(serializer => serializer.AddJsonSerializer(IsEngineRecord, EngineJson.Options));
    }

    private static bool IsEngineRecord(Type type) => type.Assembly == typeof(RunEvent).Assembly && !type.IsEnum;
}
