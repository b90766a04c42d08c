using System.Text.Json;

namespace Cluster.Tests.Traffic;

/// <summary>What one reader has of a run, over all its connections.</summary>
internal sealed class StreamedRun(Observations seen)
{
    private readonly List<string> _events = [];
    private long _lastAt = TimeProvider.System.GetTimestamp();
    private TimeSpan _longestPause;
    private string _pausedAfter = string.Empty;

    public string? RunId { get; private set; }

    public long LastIndex => _events.Count - 1;

    public bool HasEnded { get; private set; }

    /// <summary>Takes an event; it has to be the next one.</summary>
    public void Take(JsonElement next)
    {
        var name = next.Name();
        if (next.Index() is not { } index)
        {
            if (name == "error")
            {
                seen.Violate($"the stream of run {RunId} says {next.GetRawText()}");
            }

            return;
        }

        RunId ??= next.GetProperty("run_id").GetString()!;
        seen.Acknowledge(RunId, "streamed");
        if (index != LastIndex + 1)
        {
            seen.Violate($"run {RunId}: event {index} ({name}) came after event {LastIndex}");
        }

        var pause = TimeProvider.System.GetElapsedTime(_lastAt);
        if (_events.Count > 0 && pause > _longestPause)
        {
            (_longestPause, _pausedAfter) = (pause, $"{_events[^1]} until {TimeProvider.System.GetUtcNow():HH:mm:ss.fff}");
        }

        _lastAt = TimeProvider.System.GetTimestamp();
        _events.Add(Describe(name, next));
        HasEnded |= RunClient.IsEnd(name);
    }

    /// <summary>Reports what was read.</summary>
    public void Finish() => seen.Read(new Reading(RunId!, _events, _longestPause, _pausedAfter));

    /// <summary>Says of an event what a reader must not get differently from what the log has.</summary>
    private static string Describe(string name, JsonElement next) => name switch
    {
        "RunContent" => $"{name} {next.GetProperty("content").GetString()}",
        "ToolCallStarted" => $"{name} {next.GetProperty("tool").GetProperty("tool_call_id").GetString()}",
        "ToolCallCompleted" => $"{name} {next.GetProperty("tool").GetProperty("result").GetString()}",
        _ => name,
    };
}
