using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;
using Cluster.Engine.Teams.Tasks;
using Cluster.Engine.Tests.Testing;

namespace Cluster.Engine.Tests.Teams;

public sealed class TaskModeTests : IDisposable
{
    private readonly ChannelChatClient _leader = new();

    public void Dispose() => _leader.Dispose();

    [Fact]
    public async Task A_leader_works_through_its_list_until_the_goal_is_reached()
    {
        await using var engine = new TestEngine(NewTeam());
        _leader.AnswerWithCall("create_task", new { title = "Draft", assignee = "writer" }, "c1");
        _leader.Answer(call => call.Use("execute_task", new { task_id = TaskId(call), member_id = "writer" }, "c2").End());
        _leader.Answer("one is done");
        _leader.AnswerWithCall("mark_all_complete", new { summary = "All is drafted" }, "c3");
        _leader.Answer("Here you are");

        // The goal was not marked, but every task has ended: nothing is left to do.
        var output = await engine.RunAsync("Write");

        Assert.Equal((RunStatus.Completed, "one is done"), (output.Status, output.Content!.ToString()));
        var task = Assert.Single(TaskList.Read(output.SessionState!.Value).Tasks);
        Assert.Equal((TeamTaskStatus.Completed, "once upon a time", "writer"), (task.Status, task.Result, task.Assignee));
    }

    [Fact]
    public async Task A_leader_that_stops_early_is_shown_its_list_again()
    {
        await using var engine = new TestEngine(NewTeam());
        _leader.AnswerWithCall("create_task", new { title = "Draft", assignee = "writer" }, "c1");
        _leader.Answer("I have a plan");
        _leader.Answer(call => call.Use("execute_task", new { task_id = TaskId(call), member_id = "writer" }, "c2").Use("mark_all_complete", new { summary = "Drafted" }, "c3").End());
        _leader.Answer("Here you are");

        var events = await engine.StreamAsync("Write");

        Assert.Equal(
            "TeamTaskIterationStarted TeamTaskCreated TeamTaskStateUpdated TeamTaskIterationCompleted TeamTaskIterationStarted TeamTaskUpdated TeamTaskUpdated "
            + "TeamTaskStateUpdated TeamTaskIterationCompleted",
            string.Join(' ', events.Names().Where(name => name.StartsWith("TeamTask", StringComparison.Ordinal))));
        Assert.Contains("<current_task_state>", _leader.Calls[2].Messages[^1].Text, StringComparison.Ordinal);
        Assert.Equal("Here you are", Assert.IsType<RunCompleted>(events[^1]).Content!.ToString());
        Assert.True(events.OfType<TaskStateUpdated>().Last().GoalComplete);
    }

    [Fact]
    public async Task A_task_waits_for_those_that_it_depends_on()
    {
        await using var engine = new TestEngine(NewTeam() with { MaxIterations = 1 });
        _leader.AnswerWithCall("create_task", new { title = "First", assignee = "writer" }, "c1");
        _leader.Answer(call => call.Use("create_task", new { title = "Second", assignee = "writer", depends_on = new[] { TaskId(call) } }, "c2").End());
        _leader.Answer(call => call.Use("execute_task", new { task_id = TaskId(call), member_id = "writer" }, "c3").End());
        _leader.Answer("That was wrong");

        var output = await engine.RunAsync("Write");

        Assert.Equal([TeamTaskStatus.Pending, TeamTaskStatus.Blocked], TaskList.Read(output.SessionState!.Value).Tasks.Select(task => task.Status));
        Assert.Contains("Have these completed first", output.Tools!.Value[^1].Result, StringComparison.Ordinal);
        Assert.Null(output.MemberResponses);
    }

    [Fact]
    public async Task Tasks_that_do_not_wait_for_one_another_are_worked_on_at_the_same_time()
    {
        var first = new ChannelChatClient();
        var second = new ChannelChatClient();
        Agent[] members = [new() { Name = "One", Model = TestEngine.NewModel(first) }, new() { Name = "Two", Model = TestEngine.NewModel(second) }];
        var team = TestTeams.Of(TestEngine.NewModel(_leader), members) with { Mode = TeamMode.Tasks };
        await using var engine = new TestEngine(team);
        _leader.Answer(call => call.Use("create_task", new { title = "A", assignee = "one" }, "c1").Use("create_task", new { title = "B", assignee = "two" }, "c2").End());
        _leader.Answer(call => call.Use("execute_tasks_parallel", new { task_ids = TaskIds(call) }, "c3").End());
        _leader.Answer("done");

        var runId = await engine.StartAsync("Go");
        var (one, two) = (await first.NextCallAsync(), await second.NextCallAsync());
        two.Say("b").Cost(1, 1).End();
        one.Say("a").Cost(1, 1).End();
        var output = await engine.WaitAsync(runId);

        Assert.Equal(["a", "b"], TaskList.Read(output.SessionState!.Value).Tasks.Select(task => task.Result));
    }

    [Fact]
    public async Task Calls_of_one_turn_change_the_list_in_the_order_in_which_the_leader_made_them()
    {
        await using var engine = new TestEngine(NewTeam());
        var titles = Enumerable.Range(1, 20).Select(number => $"Task {number}").ToArray();
        _leader.Answer(call => titles.Aggregate(call, (turn, title) => turn.Use("create_task", new { title }, title)).Use("mark_all_complete", new { summary = "Planned" }, "last").End());
        _leader.Answer("done");

        var list = TaskList.Read((await engine.RunAsync("Plan")).SessionState!.Value);

        Assert.Equal(titles, list.Tasks.Select(task => task.Title));
        Assert.True(list.GoalComplete);
    }

    [Fact]
    public async Task A_leader_may_look_so_often_and_no_more()
    {
        await using var engine = new TestEngine(NewTeam() with { MaxIterations = 2 });
        _leader.AnswerWithCall("create_task", new { title = "Never done" }, "c1");
        _leader.Answer("first");
        _leader.Answer("second");

        var output = await engine.RunAsync("Write");

        Assert.Equal((RunStatus.Completed, "second"), (output.Status, output.Content!.ToString()));
        Assert.Equal(3, _leader.Calls.Count);
    }

    private static string TaskId(ModelCall call) => TaskIds(call)[^1];

    private static string[] TaskIds(ModelCall call) =>
    [
        .. call.Messages.SelectMany(message => message.Contents.OfType<Microsoft.Extensions.AI.FunctionResultContent>())
            .Select(result => result.Result!.ToString()!).Where(text => text.StartsWith("Created task ", StringComparison.Ordinal)).Select(text => text.Split(' ')[2]),
    ];

    private Team NewTeam() => TestTeams.Of(TestEngine.NewModel(_leader), TestTeams.Member("Writer", "once upon a time")) with { Mode = TeamMode.Tasks };
}
