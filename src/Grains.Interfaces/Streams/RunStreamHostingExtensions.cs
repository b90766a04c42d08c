using Cluster.Grains.Interfaces.Streams;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Streams;

namespace Orleans.Hosting;

/// <summary>Adds the streams that carry run events.</summary>
public static class RunStreamHostingExtensions
{
    /// <summary>How soon a reader is called again that found nothing. It waits inside the call, so this costs nothing, and a message that comes in between is not held up.</summary>
    private static readonly TimeSpan NextCall = TimeSpan.FromMilliseconds(1);

    /// <summary>How long one delivery is tried again. A reader that was away so long fetches the events from the log.</summary>
    private static readonly TimeSpan DeliveryTime = TimeSpan.FromSeconds(10);

    /// <summary>Adds the stream provider <see cref="RunStreams.ProviderName"/> to a silo, which also needs a grain storage <c>PubSubStore</c>. Calling it twice is the same as calling it once.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="configure">Changes options after they are bound from configuration.</param>
    /// <returns>The same <paramref name="builder"/>.</returns>
    public static ISiloBuilder AddRunStreams(this ISiloBuilder builder, Action<RunStreamOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!TryAddOptions(builder.Services, builder.Configuration, configure, out var options))
        {
            return builder;
        }

        return options.Kind switch
        {
            RunStreamKind.Memory => builder.AddMemoryStreams(RunStreams.ProviderName, streams =>
            {
                streams.ConfigurePartitioning(options.QueueCount);
                Configure(streams, TimeSpan.FromMilliseconds(options.MemoryPollMilliseconds));
            }),
            _ => builder.AddPersistentStreams(RunStreams.ProviderName, StreamQueueAdapter.Create, streams => Configure(streams, NextCall)),
        };
    }

    /// <summary>Adds the stream provider <see cref="RunStreams.ProviderName"/> to a client of the cluster. Calling it twice is the same as calling it once.</summary>
    /// <param name="builder">The client.</param>
    /// <param name="configure">Changes options after they are bound from configuration.</param>
    /// <returns>The same <paramref name="builder"/>.</returns>
    public static IClientBuilder AddRunStreams(this IClientBuilder builder, Action<RunStreamOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!TryAddOptions(builder.Services, builder.Configuration, configure, out var options))
        {
            return builder;
        }

        return options.Kind switch
        {
            RunStreamKind.Memory => builder.AddMemoryStreams(RunStreams.ProviderName, streams =>
            {
                streams.ConfigurePartitioning(options.QueueCount);
                streams.ConfigureStreamPubSub(StreamPubSubType.ExplicitGrainBasedOnly);
            }),
            _ => builder.AddPersistentStreams(
                RunStreams.ProviderName, StreamQueueAdapter.Create, streams => streams.ConfigureStreamPubSub(StreamPubSubType.ExplicitGrainBasedOnly)),
        };
    }

    private static void Configure(ISiloPersistentStreamConfigurator streams, TimeSpan period)
    {
        streams.ConfigureStreamPubSub(StreamPubSubType.ExplicitGrainBasedOnly);
        streams.ConfigurePullingAgent(agent => agent.Configure(pulling =>
        {
            pulling.GetQueueMsgsTimerPeriod = period;
            pulling.MaxEventDeliveryTime = DeliveryTime;
        }));
    }

    /// <summary>Options are read at once, because the kind decides what is registered.</summary>
    private static bool TryAddOptions(IServiceCollection services, IConfiguration configuration, Action<RunStreamOptions>? configure, out RunStreamOptions options)
    {
        options = configuration.GetSection(RunStreamOptions.SectionName).Get<RunStreamOptions>() ?? new RunStreamOptions();
        configure?.Invoke(options);
        var validation = new RunStreamOptionsValidator().Validate(name: null, options);
        if (validation.Failed)
        {
            throw new OptionsValidationException(RunStreamOptions.SectionName, typeof(RunStreamOptions), validation.Failures);
        }

        if (services.Any(service => service.ServiceType == typeof(IOptions<RunStreamOptions>)))
        {
            return false;
        }

        services.AddSingleton<IOptions<RunStreamOptions>>(new OptionsWrapper<RunStreamOptions>(options));
        services.TryAddSingleton(TimeProvider.System);
        return true;
    }
}
