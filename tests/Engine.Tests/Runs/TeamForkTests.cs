using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Teams;
using Cluster.Engine.Tests.Teams;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Runs;

/// <summary>What becomes of teams and their members when a session is copied.</summary>
public sealed class TeamForkTests
{
    [Fact]
    public async Task A_copy_has_the_members_of_its_teams_under_names_of_its_own()
    {
        await using var engine = new TestEngine(Nested());
        var run = await engine.RunAsync("Tell me");

        var copyId = await ForkAsync(engine);

        var (originals, copies) = (await RunsAsync(engine, TestEngine.SessionId), await RunsAsync(engine, copyId));
        Assert.Equal([null, run.RunId, run.RunId, originals[1].RunId], originals.Select(output => output.ParentRunId));
        Assert.Equal([null, copies[0].RunId, copies[0].RunId, copies[1].RunId], copies.Select(output => output.ParentRunId));
        Assert.Equal(originals.Select(Renamed), copies.Select(output => JsonSerializer.Serialize(output, EngineJson.Context.RunOutput)));
        var stored = string.Concat(await Task.WhenAll(copies.Select(output => LogTextAsync(engine, output.RunId))));
        Assert.All(originals, output => Assert.DoesNotContain(output.RunId, stored, StringComparison.Ordinal));

        string Renamed(RunOutput output) => Rename(
            JsonSerializer.Serialize(output with { ForkedFromSessionId = TestEngine.SessionId, SessionId = copyId }, EngineJson.Context.RunOutput), originals, copies);
    }

    [Fact]
    public async Task A_copied_team_shows_the_events_that_it_showed()
    {
        await using var engine = new TestEngine(Nested());
        var run = await engine.RunAsync("Tell me");

        var copyId = await ForkAsync(engine);

        var (originals, copies) = (await RunsAsync(engine, TestEngine.SessionId), await RunsAsync(engine, copyId));
        var before = (await engine.EventsAsync(run.RunId)).Select(ToText);
        var after = (await engine.EventsAsync(copies[0].RunId)).Select(ToText);
        Assert.Equal(
            before.Select(text => Rename(text, originals, copies).Replace($"\"session_id\":\"{TestEngine.SessionId}\"", $"\"session_id\":\"{copyId}\"", StringComparison.Ordinal)),
            after.Select(text => text.Replace($"\"forked_from_session_id\":\"{TestEngine.SessionId}\",", "", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_paused_team_and_its_copies_go_on_each_for_itself(int forks)
    {
        var deleted = 0;
        var team = TestTeams.Of(
            TestTeams.Delegating("Done: {result}", "deleter", "writer"),
            TestTeams.Deleter(path => $"gone {path} {Interlocked.Increment(ref deleted)}"), TestTeams.Member("Writer", "once"));
        await using var engine = new TestEngine(team);
        var original = await engine.RunAsync("Delete it");
        var copyId = TestEngine.SessionId;
        for (var fork = 0; fork < forks; fork++)
        {
            copyId = await ForkAsync(engine, copyId);
        }

        var copy = (await RunsAsync(engine, copyId))[0];
        await using var next = engine.Successor();
        var second = await next.AnswerAsync(copy.RunId, TestTeams.Confirm(Assert.Single(TestTeams.Open(copy))));
        var untouched = (await engine.Store.ReadAsync(original.RunId, Patience.Token))!.ToState();
        var first = await next.AnswerAsync(original.RunId, TestTeams.Confirm(Assert.Single(TestTeams.Open(original))));

        Assert.Equal((RunStatus.Completed, "Done: deleted: gone /Deleter 1; once"), (second.Status, second.Content!.ToString()));
        Assert.Equal(RunStatus.Paused, untouched.Output.Status);
        Assert.Equal((RunStatus.Completed, "Done: deleted: gone /Deleter 2; once"), (first.Status, first.Content!.ToString()));
        Assert.Equal((3, 3), ((await RunsAsync(engine, copyId)).Length, (await RunsAsync(engine, TestEngine.SessionId)).Length));
    }

    [Fact]
    public async Task The_members_of_a_team_at_work_stay_behind_with_it()
    {
        using var leader = new ChannelChatClient();
        await using var engine = new TestEngine(TestTeams.Of(TestEngine.NewModel(leader), TestTeams.Member("Writer", "once")));
        leader.AnswerWithCall("delegate_task_to_member", new { member_id = "writer", task = "Write" }, "c1");
        leader.Answer("done");
        await engine.RunAsync("First");
        leader.AnswerWithCall("delegate_task_to_member", new { member_id = "writer", task = "Write more" }, "c2");
        var atWork = await engine.StartAsync("Second");
        var answer = await leader.NextCallAsync();

        var copyId = await ForkAsync(engine);

        Assert.Equal((4, 2), ((await RunsAsync(engine, TestEngine.SessionId)).Length, (await RunsAsync(engine, copyId)).Length));
        answer.Say("done").Cost(1, 1).End();
        Assert.Equal(RunStatus.Completed, (await engine.WaitAsync(atWork)).Status);
    }

    [Fact]
    public async Task A_team_whose_member_waits_for_an_approval_stays_behind()
    {
        var member = TestTeams.Deleter() with
        {
            Tools = [Tool.Create((string path) => path, new ToolOptions { Name = "delete_file", ApprovalType = ApprovalType.Required })],
        };
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("Done", "deleter", "writer"), member, TestTeams.Member("Writer", "once")));
        var paused = await engine.RunAsync("Delete it");

        var copyId = await ForkAsync(engine);

        Assert.Equal(RunStatus.Paused, paused.Status);
        Assert.Equal(3, (await RunsAsync(engine, TestEngine.SessionId)).Length);
        Assert.Empty(await RunsAsync(engine, copyId));
    }

    [Fact]
    public async Task A_session_is_copied_for_the_kind_of_component_that_it_belongs_to()
    {
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Script("hello"), TestTeams.Member("Writer", "once")));
        await engine.RunAsync("Hi");

        await Assert.ThrowsAsync<InvalidRequestException>(() => ForkAsync(engine, type: SessionType.Agent));
        await Assert.ThrowsAsync<InvalidRequestException>(() => ForkAsync(engine, type: SessionType.Workflow));

        var copy = await engine.Store.FindAsync(await ForkAsync(engine), Patience.Token);
        Assert.Equal((SessionType.Team, "crew"), (copy!.SessionType, copy.ComponentId));
    }

    [Fact]
    public void A_member_that_stays_behind_is_not_named_by_the_copy()
    {
        var request = new RunRequest { RunId = "team", SessionId = "s", AgentId = "crew", ComponentType = SessionType.Team, Input = "hi" };
        var renaming = new RunRenaming("s", "copy");
        renaming.Name(request);

        var copy = renaming.Copy(
            new RunLogRecord(1, 1, [new RunAccepted(request), new MembersEngaged("c1", [new EngagedMember("m1", "writer", "Writer")]), new MemberSettled("m1", RunStatus.Error)]),
            isRegenerated: false);

        var engaged = Assert.Single(((MembersEngaged)copy.Events[1]).Members);
        Assert.NotEqual("m1", engaged.RunId);
        Assert.Equal(engaged.RunId, ((MemberSettled)copy.Events[2]).RunId);
    }

    /// <summary>Gives a team with a team among its members.</summary>
    private static Team Nested() => TestTeams.Of(
        TestTeams.Delegating("All: {result}", "sub", "writer"),
        TestTeams.Of(TestTeams.Delegating("Sub: {result}", "reader"), TestTeams.Member("Reader", "read")) with { Name = "Sub" },
        TestTeams.Member("Writer", "once"));

    private static Task<string> ForkAsync(TestEngine engine, string sessionId = TestEngine.SessionId, SessionType type = SessionType.Team) =>
        new SessionForks(engine.Store, engine.Store, engine.Store, engine.Store, engine.Time)
            .ForkAsync(new SessionForkRequest(sessionId, engine.Agent.AgentId, null) { ComponentType = type }, Patience.Token);

    /// <summary>Gives the runs of a session: a team, its members in the order of its calls, and theirs.</summary>
    private static async Task<RunOutput[]> RunsAsync(TestEngine engine, string sessionId)
    {
        var runs = (await engine.Store.ListAsync(new RunQuery(sessionId), Patience.Token)).Select(record => record.Output).ToArray();
        return [.. runs.OrderBy(run => run.ComponentId switch { "crew" => 0, "sub" => 1, "writer" => 2, _ => 3 })];
    }

    private static async Task<string> LogTextAsync(TestEngine engine, string runId) => string.Concat((await engine.LogAsync(runId)).Select(ToText));

    private static string ToText(RunEvent next) => JsonSerializer.Serialize(next, EngineJson.Context.RunEvent);

    private static string Rename(string text, RunOutput[] from, RunOutput[] to) =>
        from.Zip(to).Aggregate(text, (renamed, pair) => renamed.Replace(pair.First.RunId, pair.Second.RunId, StringComparison.Ordinal));
}
