using System.Text.Json;

namespace Cluster.Standalone.Tests;

/// <summary>What a killed process leaves behind, and what the next one makes of it.</summary>
public sealed class CrashTests : IDisposable
{
    private const string Definitions =
        """
        agents:
          - id: slow
            name: Slow
            model:
              scripted:
                text: one two three four five six seven eight nine ten
                deltas: 10
                delay_between: 0.1
          - id: sleeper
            name: Sleeper
            tools:
              - name: sleep
                effect: once
            model:
              scripted:
                calls:
                  - tool: sleep
                    arguments: {seconds: 5}
                text: "Slept: {result}"
          - id: repeater
            name: Repeater
            tools: [sleep]
            model:
              scripted:
                calls:
                  - tool: sleep
                    arguments: {seconds: 1}
                text: "Slept: {result}"
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("standalone").FullName;

    private string[] Arguments => ["--definitions", Path.Combine(_directory, "agents.yaml"), "--store", $"sqlite:{Path.Combine(_directory, "data")}"];

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_run_that_was_streaming_when_the_process_was_killed_goes_on_and_its_reader_attaches_again()
    {
        await WriteDefinitionsAsync();
        var seen = new List<JsonElement>();
        await using (var first = await ServerProcess.StartAsync(Arguments))
        {
            using var stream = await first.Client.PostAsync("/agents/slow/runs", ("message", "go"), ("stream", "true"), ("background", "true"), ("session_id", "s"));
            await foreach (var next in stream.ReadEventsAsync(TestContext.Current.CancellationToken))
            {
                seen.Add(next);
                if (seen.Count == 5)
                {
                    break;
                }
            }

            await first.KillAsync();
        }

        var runId = seen[0].GetProperty("run_id").GetString();
        await using var second = await ServerProcess.StartAsync(Arguments);
        using var resumed = await second.Client.PostAsync($"/agents/slow/runs/{runId}/resume", ("last_event_index", $"{seen[^1].Index()}"), ("session_id", "s"));
        await foreach (var next in resumed.ReadEventsAsync(TestContext.Current.CancellationToken))
        {
            if (next.Index() is not null)
            {
                seen.Add(next);
            }
        }

        Assert.Equal(Enumerable.Range(0, seen.Count).Select(index => (long?)index), seen.Select(next => next.Index()));
        Assert.Equal("RunCompleted", seen[^1].Name());
        var text = string.Concat(seen.Where(next => next.Name() == "RunContent").Select(next => next.GetProperty("content").GetString()));
        Assert.Equal("one two three four five six seven eight nine ten", text);
        var run = await second.Client.GetJsonAsync($"/agents/slow/runs/{runId}?session_id=s");
        Assert.Equal("COMPLETED", run.GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_run_whose_tool_has_an_unknown_outcome_is_parked_until_a_human_settles_it()
    {
        await WriteDefinitionsAsync();
        var runId = await KillDuringToolAsync("sleeper");

        await using var second = await ServerProcess.StartAsync(Arguments);
        await WaitForAsync(second, "sleeper", runId, "RunPaused");
        var paused = await second.Client.GetJsonAsync($"/agents/sleeper/runs/{runId}?session_id=s");
        var call = paused.GetProperty("tools")[0];
        var answer = $$"""[{"tool_call_id":{{call.GetProperty("tool_call_id").GetRawText()}},"tool_name":"sleep","confirmed":true,"result":"yes, it slept"}]""";
        var settled = await second.Client.PostForJsonAsync($"/agents/sleeper/runs/{runId}/continue", ("tools", answer), ("session_id", "s"), ("stream", "false"));

        Assert.Equal("PAUSED", paused.GetProperty("status").GetString());
        Assert.True(call.GetProperty("requires_confirmation").GetBoolean());
        Assert.Equal("COMPLETED", settled.GetProperty("status").GetString());
        Assert.Equal("Slept: yes, it slept", settled.GetProperty("content").GetString());
    }

    [Fact]
    public async Task A_tool_that_may_be_repeated_is_called_again_and_the_run_completes_by_itself()
    {
        await WriteDefinitionsAsync();
        var runId = await KillDuringToolAsync("repeater");

        await using var second = await ServerProcess.StartAsync(Arguments);
        await WaitForAsync(second, "repeater", runId, "RunCompleted");
        var run = await second.Client.GetJsonAsync($"/agents/repeater/runs/{runId}?session_id=s");

        Assert.Equal("COMPLETED", run.GetProperty("status").GetString());
        Assert.Single(run.GetProperty("tools").EnumerateArray());
    }

    [Fact]
    public async Task A_step_that_a_terminated_server_cuts_off_is_taken_again_by_the_next_one()
    {
        await WriteDefinitionsAsync();
        await using var first = await ServerProcess.StartInAsync(new Dictionary<string, string> { ["Standalone__HandOverSeconds"] = "0" }, ["--url", "http://127.0.0.1:0", .. Arguments]);
        var accepted = await first.Client.PostForJsonAsync("/agents/slow/runs", ("message", "go"), ("stream", "false"), ("background", "true"), ("session_id", "s"));
        var runId = accepted.GetProperty("run_id").GetString()!;

        Assert.Equal(0, await first.TerminateAsync());
        await using var second = await ServerProcess.StartAsync(Arguments);
        await WaitForAsync(second, "slow", runId, "RunCompleted");
    }

    [Fact]
    public async Task A_terminated_server_finishes_the_tool_call_under_way_before_it_ends()
    {
        await WriteDefinitionsAsync();
        await using var first = await ServerProcess.StartAsync(Arguments);
        using var stream = await first.Client.PostAsync("/agents/sleeper/runs", ("message", "go"), ("stream", "true"), ("session_id", "s"));
        var started = await stream.ReadEventsAsync(TestContext.Current.CancellationToken).FirstAsync(next => next.Name() == "ToolCallStarted", TestContext.Current.CancellationToken);
        var runId = started.GetProperty("run_id").GetString()!;
        var asked = TimeProvider.System.GetTimestamp();

        var exitCode = await first.TerminateAsync();
        var took = TimeProvider.System.GetElapsedTime(asked);

        // The tool's outcome is in doubt after a stop that cut it off, and the run then waits for a human.
        await using var second = await ServerProcess.StartAsync(Arguments);
        await WaitForAsync(second, "sleeper", runId, "RunCompleted");
        var run = await second.Client.GetJsonAsync($"/agents/sleeper/runs/{runId}?session_id=s");
        Assert.Equal("Slept: Slept for 5 seconds", run.GetProperty("content").GetString());
        Assert.Equal(0, exitCode);
        Assert.True(took < TimeSpan.FromSeconds(20), $"The shutdown took {took}.");
    }

    private Task WriteDefinitionsAsync() => File.WriteAllTextAsync(Path.Combine(_directory, "agents.yaml"), Definitions, TestContext.Current.CancellationToken);

    private async Task<string> KillDuringToolAsync(string agentId)
    {
        await using var first = await ServerProcess.StartAsync(Arguments);
        using var stream = await first.Client.PostAsync($"/agents/{agentId}/runs", ("message", "go"), ("stream", "true"), ("session_id", "s"));
        await foreach (var next in stream.ReadEventsAsync(TestContext.Current.CancellationToken))
        {
            if (next.Name() == "ToolCallStarted")
            {
                await first.KillAsync();
                return next.GetProperty("run_id").GetString()!;
            }
        }

        throw new InvalidOperationException("The run ended without a tool call.");
    }

    private static async Task WaitForAsync(ServerProcess server, string agentId, string runId, string lastEvent)
    {
        using var resumed = await server.Client.PostAsync($"/agents/{agentId}/runs/{runId}/resume", ("session_id", "s"));
        var last = string.Empty;
        await foreach (var next in resumed.ReadEventsAsync(TestContext.Current.CancellationToken))
        {
            last = next.Name();
        }

        Assert.Equal(lastEvent, last);
    }
}
