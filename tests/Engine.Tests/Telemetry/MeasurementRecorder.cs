using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Cluster.Engine.Telemetry;

namespace Cluster.Engine.Tests.Telemetry;

/// <summary>Listens to the engine's metrics. Measurements without the given tag are those of other tests.</summary>
internal sealed class MeasurementRecorder : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<Measured> _measurements = new();
    private readonly KeyValuePair<string, object?>? _mine;

    public MeasurementRecorder(string? tag = null, string? value = null)
    {
        _mine = tag is null ? null : new(tag, value);
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == EngineTelemetry.MeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Gives what an instrument measured.</summary>
    public IReadOnlyList<Measured> Of(string instrument) => [.. _measurements.Where(measured => measured.Instrument == instrument)];

    /// <summary>Reads a gauge now.</summary>
    public double Observe(string instrument)
    {
        _listener.RecordObservableInstruments();
        return Of(instrument)[^1].Value;
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var all = tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value);
        if (_mine is not { } mine || (all.TryGetValue(mine.Key, out var found) && Equals(found, mine.Value)))
        {
            _measurements.Enqueue(new Measured(instrument.Name, value, all));
        }
    }

    internal sealed record Measured(string Instrument, double Value, IReadOnlyDictionary<string, object?> Tags);
}
