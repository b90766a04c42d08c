using Cluster.Grains.Interfaces.Serialization;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Serialization;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Serializers;

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
        services.TryAddSingleton<EngineRecordCodec>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IGeneralizedCodec, EngineRecordCodec>(provider => provider.GetRequiredService<EngineRecordCodec>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IGeneralizedCopier, EngineRecordCodec>(provider => provider.GetRequiredService<EngineRecordCodec>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITypeFilter, EngineRecordCodec>(provider => provider.GetRequiredService<EngineRecordCodec>()));
        return services.AddSerializer(serializer => serializer.Configure(types => types.WellKnownTypeAliases["engine"] = typeof(EngineRecordCodec)));
    }
}
