using Cluster.Engine.Errors;
using Cluster.Engine.Guardrails;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Teams;

/// <summary>New runs that go on in the place of a paused team, and answers that come too late for one.</summary>
public sealed class TeamForkTests
{
    private int _signed;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_paused_team_is_forked_with_answers_to_its_leader_in_either_form(bool asRequirements)
    {
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Script("{result}", ("sign", new { })), TestTeams.Member("Other", "o")) with { Tools = [Sign()] });
        var paused = await engine.RunAsync();
        var answer = TestTeams.Confirm(Assert.Single(TestTeams.Open(paused)));
        var wish = asRequirements ? new RunContinuation(paused.RunId) { Requirements = [answer] } : new RunContinuation(paused.RunId, [answer.ToolExecution with { Confirmed = true }]);

        var fork = await engine.Host.ContinueAsync(wish with { Fork = true }, Patience.Token);
        var output = await engine.WaitAsync(fork.RunId);

        Assert.NotEqual(paused.RunId, fork.RunId);
        Assert.Equal((RunStatus.Completed, "signed 1"), (output.Status, output.Content!.ToString()));
        Assert.Equal(RunStatus.Paused, (await engine.Host.FindAsync(paused.RunId, Patience.Token))!.Output.Status);
    }

    [Fact]
    public async Task A_team_whose_member_waits_cannot_be_forked_with_an_answer_to_the_member()
    {
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("{result}", "deleter"), TestTeams.Deleter()));
        var paused = await engine.RunAsync();
        var answer = TestTeams.Confirm(Assert.Single(TestTeams.Open(paused)));

        var refusal = await Assert.ThrowsAsync<InvalidRequestException>(
            () => engine.Host.ContinueAsync(new RunContinuation(paused.RunId) { Requirements = [answer], Fork = true }, Patience.Token));
        var output = await engine.AnswerAsync(paused.RunId, answer);

        Assert.Equal($"Run {paused.RunId} waits for a member, which is for this run only. Continue it, or fork it from an earlier message with continue_from.", refusal.Message);
        Assert.Equal("deleted: gone /Deleter", output.Content!.ToString());
    }

    [Fact]
    public async Task A_team_whose_member_waits_can_be_forked_from_before_its_call()
    {
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("{result}", "deleter"), TestTeams.Deleter()));
        var paused = await engine.RunAsync();

        var fork = await engine.Host.ContinueAsync(new RunContinuation(paused.RunId) { From = ContinuationPoint.LastUser, Fork = true }, Patience.Token);
        var output = await engine.WaitAsync(fork.RunId);

        Assert.Equal(RunStatus.Paused, output.Status);
        Assert.NotEqual(Assert.Single(TestTeams.Open(paused)).MemberRunId, Assert.Single(TestTeams.Open(output)).MemberRunId);
    }

    [Fact]
    public async Task Answers_to_a_team_that_does_not_wait_any_more_are_refused()
    {
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("{result}", "deleter"), TestTeams.Deleter()));
        var paused = await engine.RunAsync();
        var answer = TestTeams.Confirm(Assert.Single(TestTeams.Open(paused)));
        await engine.AnswerAsync(paused.RunId, answer);

        var refusal = await Assert.ThrowsAsync<ConflictException>(() => engine.Host.ContinueAsync(new RunContinuation(paused.RunId) { Requirements = [answer] }, Patience.Token));

        Assert.Equal($"Cannot continue run {paused.RunId}: run is completed", refusal.Message);
    }

    [Fact]
    public async Task A_guardrail_of_the_team_sees_an_answer_once()
    {
        var counting = new Counting();
        await using var engine = new TestEngine(
            TestTeams.Of(TestTeams.Script("{result}", ("sign", new { })), TestTeams.Member("Other", "o")) with { Tools = [Sign()], Guardrails = [counting] });
        var paused = await engine.RunAsync();

        await engine.Host.ContinueAsync(new RunContinuation(paused.RunId, [Assert.Single(TestTeams.Open(paused)).ToolExecution with { Confirmed = true, ConfirmationNote = "fine" }]), Patience.Token);
        await engine.WaitAsync(paused.RunId);

        Assert.Equal(1, counting.Answers);
    }

    private Tool Sign() => Tool.Create(() => $"signed {++_signed}", new ToolOptions { Name = "sign", RequiresConfirmation = true });

    private sealed class Counting : IGuardrail
    {
        public string Name => "Counting";

        public int Answers { get; set; }

        public ScreenedText Screen(string text, TextOrigin origin)
        {
            Answers += origin == TextOrigin.Answer ? 1 : 0;
            return new ScreenedText(text);
        }
    }
}
