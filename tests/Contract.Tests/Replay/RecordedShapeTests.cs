using System.Text.Json;
using Cluster.Engine.Json;

namespace Cluster.Contract.Tests.Replay;

/// <summary>The engine's records take recorded JSON in and give the same JSON back, without a server in between.</summary>
public sealed class RecordedShapeTests
{
    /// <summary>Recorded runs that the engine's records do not hold exactly.</summary>
    private static readonly Dictionary<string, string> Exceptions = new(StringComparer.Ordinal)
    {
        ["agent-run-file-image"] = "Agno orders the members of pictures and of files differently; media have one order here.",
        ["agent-run-file-text"] = "Agno orders the members of pictures and of files differently; media have one order here.",
        ["agent-run-checkpoints"] = "A list of checkpoints is not a run.",
        ["hitl-confirm-continue-twice"] = "Answers that no run waits for are refused; Agno forks the run.",
    };

    public static TheoryData<string> Streams => [.. Recording.Names.Where(name => Recording.Load(name).IsStream && RunFrames(name).Any())];

    public static TheoryData<string> Runs => [.. Recording.Names.Where(name => name.StartsWith("agent", StringComparison.Ordinal) || name.StartsWith("hitl", StringComparison.Ordinal)).Where(IsRun).Except(Exceptions.Keys)];

    [Theory]
    [MemberData(nameof(Streams))]
    public void Recorded_events_are_read_and_written_without_a_change(string name)
    {
        foreach (var frame in RunFrames(name))
        {
            var read = JsonSerializer.Deserialize(frame.Data, EngineJson.Context.RunEvent)!;

            Assert.Equal(frame.Name, read.Event);
            Assert.Equal(Normal(frame.Data), Normal(JsonSerializer.Serialize(read, EngineJson.Context.RunEvent)));
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void A_recorded_run_is_read_and_written_without_a_change(string name)
    {
        var recorded = Recording.Load(name).Body;

        var read = JsonSerializer.Deserialize(recorded, EngineJson.Context.RunOutput)!;

        Assert.Equal(Normal(recorded), Normal(JsonSerializer.Serialize(read, EngineJson.Context.RunOutput)));
    }

    [Theory]
    [InlineData("core-health", "GET", "/health")]
    [InlineData("core-head-health", "HEAD", "/health")]
    [InlineData("agent-run-echo-urlencoded", "POST", "/agents/echo-agent/runs")]
    [InlineData("agent-runs-list-status", "GET", "/agents/echo-agent/runs?session_id=sess-echo&status=ERROR")]
    [InlineData("agent-cancel-inline-stream", "POST", "/agents/slow-agent/runs")]
    [InlineData("session-patch", "PATCH", "/sessions/sess-new?type=agent")]
    public void A_recorded_command_asks_what_it_asked(string name, string method, string target)
    {
        using var request = Recording.Load(name).Command.ToRequest(new Uri("http://localhost:1"), text => text);

        Assert.Equal(method, request.Method.Method);
        Assert.Equal(target, request.RequestUri!.PathAndQuery);
    }

    private static IEnumerable<EventFrame> RunFrames(string name) =>
        EventFrame.ParseAll(Recording.Load(name).Body).Where(frame => RunEventTypes.Find(frame.Name) is not null);

    private static bool IsRun(string name) => Recording.Load(name) is { IsJson: true, Status: 200 } recording && recording.Body.StartsWith("{\"run_id\"", StringComparison.Ordinal);

    /// <summary>Python and .NET write the exponents of small numbers in different cases; nothing else is evened out.</summary>
    private static string Normal(string json) => System.Text.RegularExpressions.Regex.Replace(json, @"(?<=\d)E(?=[-+]\d)", "e");
}
