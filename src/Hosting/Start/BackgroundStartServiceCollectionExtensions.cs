using Cluster.Hosting.Start;
using Cluster.Hosting.Telemetry;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets a process listen before everything that it needs is there.</summary>
public static class BackgroundStartServiceCollectionExtensions
{
    /// <summary>
    /// Starts the hosted services that are registered so far in the background, in their order, while the web server listens already. Until they have started,
    /// <see cref="BackgroundStart.IsDone"/> is false and the process is not ready. Telemetry still comes before everything else.
    /// </summary>
    /// <param name="services">The services to change.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection StartInBackground(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        var hosted = services.Where(service => service is { IsKeyedService: false } && service.ServiceType == typeof(IHostedService) && service.ImplementationType != typeof(TelemetryExport)).ToArray();
        foreach (var service in hosted)
        {
            services.Remove(service);
            services.Add(ToKeyed(service));
        }

        services.TryAddSingleton<BackgroundStart>();
        return services.AddHostedService(provider => provider.GetRequiredService<BackgroundStart>());
    }

    private static ServiceDescriptor ToKeyed(ServiceDescriptor service) => service switch
    {
        { ImplementationInstance: { } instance } => ServiceDescriptor.KeyedSingleton(typeof(IHostedService), BackgroundStart.Key, instance),
        { ImplementationFactory: { } create } => ServiceDescriptor.KeyedSingleton(typeof(IHostedService), BackgroundStart.Key, (provider, _) => create(provider)),
        _ => ServiceDescriptor.KeyedSingleton(typeof(IHostedService), BackgroundStart.Key, service.ImplementationType!),
    };
}
