using Cluster.Grains.Interfaces.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ClusterOptions = Cluster.Grains.Interfaces.Hosting.ClusterOptions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the options of a cluster.</summary>
public static class ClusterOptionsServiceCollectionExtensions
{
    /// <summary>Binds <see cref="ClusterOptions"/> from configuration and checks them when the host starts.</summary>
    /// <param name="services">The services to add to.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddClusterOptions(this IServiceCollection services)
    {
        services.AddOptions<ClusterOptions>().BindConfiguration(ClusterOptions.SectionName).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ClusterOptions>, ClusterOptionsValidator>());
        return services;
    }
}
