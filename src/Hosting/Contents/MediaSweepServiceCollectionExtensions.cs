using Cluster.Engine.Contents;
using Cluster.Hosting.Contents;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the sweep of media.</summary>
public static class MediaSweepServiceCollectionExtensions
{
    /// <summary>Takes away the content of media to which no run refers, when there is a media store.</summary>
    /// <param name="services">The services to add to, the store among them.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddMediaSweep(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(service => service.ServiceType == typeof(IMediaStore)))
        {
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, MediaSweep>());
        }

        return services;
    }
}
