using System.Diagnostics.Metrics;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Telemetry;

/// <summary>The metrics of runs in this process.</summary>
internal static class RunMetering
{
    private static readonly InstrumentAdvice<double> LongSeconds = new()
    {
        HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600],
    };

    private static readonly InstrumentAdvice<double> ShortSeconds = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
    };

    private static readonly Counter<long> Started = EngineTelemetry.Meter.CreateCounter<long>("cluster.run.started", "{run}", "Runs that began to work.");

    private static readonly Counter<long> Finished = EngineTelemetry.Meter.CreateCounter<long>("cluster.run.finished", "{run}", "Runs that ended, by status.");

    private static readonly Histogram<double> Duration = EngineTelemetry.Meter.CreateHistogram(
        "cluster.run.duration", "s", "The time from the beginning of a run to its end, pauses included.", tags: null, LongSeconds);

    private static readonly Histogram<double> TimeToFirstToken = EngineTelemetry.Meter.CreateHistogram(
        "cluster.run.time_to_first_token", "s", "The time from the beginning of a run to the first thing that its model says.", tags: null, LongSeconds);

    private static readonly Histogram<double> AppendDuration = EngineTelemetry.Meter.CreateHistogram(
        "cluster.run.append.duration", "s", "How long it takes until events of a run are durable, waiting for a store that is away included.", tags: null, ShortSeconds);

    private static long _live;

    static RunMetering() => EngineTelemetry.Meter.CreateObservableUpDownCounter(
        "cluster.run.live", static () => Interlocked.Read(ref _live), "{run}", "Runs that are at work in this process.");

    /// <summary>Counts a run as live, or not any more.</summary>
    /// <param name="change">1 or -1.</param>
    public static void AddLive(int change) => Interlocked.Add(ref _live, change);

    /// <summary>Counts a run that began.</summary>
    public static void Start(RunState state)
    {
        if (Started.Enabled)
        {
            Started.Add(1, Agent(state));
        }
    }

    /// <summary>Counts a run that ended.</summary>
    /// <param name="state">The run at its end.</param>
    /// <param name="now">The time in Unix seconds.</param>
    public static void Finish(RunState state, double now)
    {
        if (!(Finished.Enabled || Duration.Enabled || TimeToFirstToken.Enabled))
        {
            return;
        }

        var status = KeyValuePair.Create(TelemetryNames.RunStatus, (object?)TelemetryNames.Status(state.Output.Status));
        Finished.Add(1, Agent(state), status);
        if (state.HasBegun)
        {
            Duration.Record(Math.Max(0, now - state.StartedAt), Agent(state), status);
        }

        if (state.FirstPieceAt is { } first)
        {
            TimeToFirstToken.Record(first, Agent(state));
        }
    }

    /// <summary>Counts an append.</summary>
    public static void Append(TimeSpan duration) => AppendDuration.Record(duration.TotalSeconds);

    private static KeyValuePair<string, object?> Agent(RunState state) => new(TelemetryNames.AgentId, state.Output.ComponentId);
}
