using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Cluster.Engine.Telemetry;
using Cluster.Engine.Tests.Testing;

namespace Cluster.Engine.Tests.Telemetry;

/// <summary>Listens to the engine and stands for the request that asks for a run. It hears only its own trace, so tests do not disturb each other.</summary>
internal sealed class TraceRecorder : IDisposable
{
    private readonly ActivitySource _requests = new("Test.Requests");
    private readonly Channel<Activity> _ended = Channel.CreateUnbounded<Activity>();
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ConcurrentDictionary<ActivityTraceId, bool> _traces = new();
    private readonly ActivityListener _listener;

    public TraceRecorder()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == EngineTelemetry.ActivitySourceName || source == _requests,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = End,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public IReadOnlyList<Activity> Spans => [.. _spans];

    /// <summary>Begins a request that is current until it is stopped.</summary>
    public Activity Request()
    {
        var request = _requests.StartActivity("POST /runs", ActivityKind.Server, default(ActivityContext))!;
        _traces.TryAdd(request.TraceId, true);
        return request;
    }

    /// <summary>Waits for a span of this recorder's traces to end.</summary>
    public Task<Activity> EndedAsync(string name) => EndedAsync(span => span.DisplayName == name);

    public async Task<Activity> EndedAsync(Func<Activity, bool> condition)
    {
        while (Spans.FirstOrDefault(condition) is null)
        {
            _spans.Enqueue(await _ended.Reader.ReadAsync(Patience.Token));
        }

        return Spans.First(condition);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _requests.Dispose();
    }

    private void End(Activity span)
    {
        if (_traces.ContainsKey(span.TraceId))
        {
            _ended.Writer.TryWrite(span);
        }
    }
}
