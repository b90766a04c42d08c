using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Streams;

namespace Cluster.Grains.Interfaces.Streams;

/// <summary>Streams over queues that live in grains and whose readers wait instead of polling.</summary>
internal sealed class StreamQueueAdapter : IQueueAdapterFactory, IQueueAdapter, IQueueAdapterCache
{
    private readonly ConcurrentDictionary<QueueId, StreamQueueSender> _senders = new();
    private readonly RunStreamOptions _options;
    private readonly IGrainFactory _grains;
    private readonly Serializer _serializer;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly CancellationToken _stopping;
    private readonly HashRingBasedStreamQueueMapper _mapper;

    private StreamQueueAdapter(string name, IServiceProvider services)
    {
        Name = name;
        _options = services.GetRequiredService<IOptions<RunStreamOptions>>().Value;
        _grains = services.GetRequiredService<IGrainFactory>();
        _serializer = services.GetRequiredService<Serializer>();
        _time = services.GetRequiredService<TimeProvider>();
        _loggers = services.GetRequiredService<ILoggerFactory>();
        _stopping = services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        _mapper = new HashRingBasedStreamQueueMapper(new HashRingStreamQueueMapperOptions { TotalQueueCount = _options.QueueCount }, name);
    }

    public string Name { get; }

    /// <summary>Gets a value indicating whether readers can go back in the stream: they cannot, for that they have the log.</summary>
    public bool IsRewindable => false;

    public StreamProviderDirection Direction => StreamProviderDirection.ReadWrite;

    public static StreamQueueAdapter Create(IServiceProvider services, string name) => new(name, services);

    public Task<IQueueAdapter> CreateAdapter() => Task.FromResult<IQueueAdapter>(this);

    public IQueueAdapterCache GetQueueAdapterCache() => this;

    public IStreamQueueMapper GetStreamQueueMapper() => _mapper;

    public Task<IStreamFailureHandler> GetDeliveryFailureHandler(QueueId queueId) =>
        Task.FromResult<IStreamFailureHandler>(new NoOpStreamDeliveryFailureHandler());

    public IQueueCache CreateQueueCache(QueueId queueId) => new StreamQueueCache(_options, _time, _loggers.CreateLogger<StreamQueueCache>());

    public IQueueAdapterReceiver CreateReceiver(QueueId queueId) =>
        new StreamQueueReceiver(GetQueue(queueId), _options, _serializer, _time, _loggers.CreateLogger<StreamQueueReceiver>(), _stopping);

    /// <summary>Hands the items over and returns: a producer waits for nobody, and learns of no failure, because a lost message costs nothing.</summary>
    public Task QueueMessageBatchAsync<T>(StreamId streamId, IEnumerable<T> events, StreamSequenceToken? token, Dictionary<string, object>? requestContext)
    {
        // The type is written with each item, so that readers need not ask for exactly the producer's type.
        var items = _serializer.SerializeToArray(events.Cast<object>().ToArray());
        var sender = _senders.GetOrAdd(
            _mapper.GetQueueForStream(streamId),
            static (queue, adapter) => new StreamQueueSender(adapter.GetQueue(queue), adapter._options, adapter._time, adapter._loggers.CreateLogger<StreamQueueSender>()),
            this);
        sender.Send(new StreamMessage(streamId, items));
        return Task.CompletedTask;
    }

    private IStreamQueueGrain GetQueue(QueueId queueId) =>
        _grains.GetGrain<IStreamQueueGrain>(string.Create(CultureInfo.InvariantCulture, $"q/{Name}/{queueId.GetNumericId()}"));
}
