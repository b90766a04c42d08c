using System.Globalization;
using Cluster.Storage.Maintenance;

namespace Cluster.Standalone.Stores;

/// <summary>Tells people how far a work is: one line that changes where they look at a terminal, and a plain line now and then where it goes to a file.</summary>
/// <param name="writer">Where to.</param>
/// <param name="isTerminal">True when lines can be written over.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class ProgressLine(TextWriter writer, bool isTerminal, TimeProvider timeProvider) : IProgress<StoreProgress>
{
    private const int BarWidth = 24;
    private const int LineWidth = 78;

    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Repeat = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private long? _last;
    private bool _isDrawn;

    /// <inheritdoc/>
    public void Report(StoreProgress value)
    {
        lock (_lock)
        {
            var now = timeProvider.GetTimestamp();
            _last ??= isTerminal ? null : now;
            if (_last is { } last && timeProvider.GetElapsedTime(last, now) < (isTerminal ? Redraw : Repeat))
            {
                return;
            }

            _last = now;
            if (isTerminal)
            {
                writer.Write($"\r{Text(value).PadRight(LineWidth)}");
                _isDrawn = true;
            }
            else
            {
                writer.WriteLine(Text(value));
            }
        }
    }

    /// <summary>Clears the line, so that something else can be written.</summary>
    public void End()
    {
        lock (_lock)
        {
            if (_isDrawn)
            {
                writer.Write($"\r{string.Empty.PadRight(LineWidth)}\r");
                _isDrawn = false;
            }
        }
    }

    private string Text(StoreProgress value)
    {
        if (value.Total <= 0)
        {
            return value.Done > 0 ? string.Create(CultureInfo.InvariantCulture, $"{value.Step}: {value.Done:N0} {value.Unit}") : $"{value.Step} …";
        }

        var part = Math.Clamp((double)value.Done / value.Total, 0, 1);
        var bar = isTerminal ? $"[{new string('#', (int)(part * BarWidth)).PadRight(BarWidth, '.')}] " : string.Empty;
        return string.Create(CultureInfo.InvariantCulture, $"{value.Step}: {bar}{part:P0} of {value.Total:N0} {value.Unit}");
    }
}
