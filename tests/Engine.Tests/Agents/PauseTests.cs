using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Agents;

public sealed class PauseTests
{
    private readonly List<string> _deleted = [];
    private readonly Agent _agent;

    public PauseTests()
    {
        _agent = new Agent
        {
            Tools =
            [
                Tool.Create((string path) => Delete(path), new ToolOptions { Name = "delete", RequiresConfirmation = true }),
                Tool.Create((string subject, string to) => $"'{subject}' to {to}", new ToolOptions { Name = "send", UserInputFields = ["to"] }),
                Tool.Create((string command) => command, new ToolOptions { Name = "shell", ExternalExecution = true }),
                Tool.Create((string to) => Delete(to), new ToolOptions { Name = "careful", RequiresConfirmation = true, UserInputFields = ["to"] }),
                Tool.Create(() => "plain", new ToolOptions { Name = "plain" }),
            ],
        };
    }

    [Fact]
    public async Task A_run_that_needs_confirmation_pauses_without_an_end()
    {
        await using var engine = Start(call => call.Use("delete", new { path = "/a" }, "c1"));

        var events = await engine.StreamAsync();

        Assert.Equal("RunStarted ModelRequestStarted ModelRequestCompleted RunContentCompleted RunPaused", events.Order());
        var paused = (RunPaused)events[^1];
        Assert.Equal("I have tools to execute, but I need confirmation.", paused.Content.Text);
        Assert.True(Assert.Single(paused.Tools).RequiresConfirmation);
        Assert.Equal("c1", Assert.Single(paused.Requirements).ToolExecution.ToolCallId);
        Assert.Empty(_deleted);
    }

    [Fact]
    public async Task A_confirmed_call_is_made_and_the_run_goes_on()
    {
        await using var engine = Start(call => call.Use("delete", new { path = "/a" }, "c1"));
        var paused = await engine.RunAsync();
        engine.Model.Answer("done");

        var last = (await engine.Host.ContinueAsync(new RunContinuation(paused.RunId, [Waiting(paused) with { Confirmed = true }]), Patience.Token)).LastIndex;
        var events = await engine.EventsAsync(paused.RunId, last);

        Assert.Equal("RunContinued ToolCallStarted ToolCallCompleted ModelRequestStarted RunContent ModelRequestCompleted RunContentCompleted RunCompleted", events.Order());
        Assert.Equal(["/a"], _deleted);
        Assert.Equal("done", ((RunCompleted)events[^1]).Content?.Text);
        var record = (await engine.Host.FindAsync(paused.RunId, Patience.Token))!.Output;
        Assert.False(record.Tools!.Value[0].RequiresConfirmation);
        Assert.True(record.Tools!.Value[0].Confirmed);
    }

    [Theory]
    [InlineData(null, "Function call was rejected by the user")]
    [InlineData("Not that one.", "Not that one.")]
    public async Task A_rejected_call_is_not_made_and_the_model_is_told(string? note, string told)
    {
        await using var engine = Start(call => call.Use("delete", new { path = "/a" }, "c1"));
        var paused = await engine.RunAsync();
        engine.Model.Answer("kept");

        var run = await engine.ContinueAsync(paused.RunId, Waiting(paused) with { Confirmed = false, ConfirmationNote = note });

        Assert.Empty(_deleted);
        Assert.Equal($"tool: {told}", engine.Model.Calls[^1].Texts[^1]);
        Assert.Equal(note ?? "Tool call was rejected", run.Tools!.Value[0].ConfirmationNote);
        Assert.Equal("kept", run.Content?.Text);
        Assert.DoesNotContain("ToolCallStarted", (await engine.EventsAsync(paused.RunId)).Names());
    }

    [Fact]
    public async Task No_answer_is_no()
    {
        await using var engine = Start(call => call.Use("delete", new { path = "/a" }, "c1"));
        var paused = await engine.RunAsync();
        engine.Model.Answer("kept");

        var run = await engine.ContinueAsync(paused.RunId);

        Assert.Empty(_deleted);
        Assert.False(run.Tools!.Value[0].Confirmed);
    }

    [Fact]
    public async Task What_the_model_asked_for_cannot_be_changed_by_an_answer()
    {
        await using var engine = Start(call => call.Use("delete", new { path = "/a" }, "c1"));
        var paused = await engine.RunAsync();
        engine.Model.Answer("done");

        await engine.ContinueAsync(paused.RunId, Waiting(paused) with { Confirmed = true, ToolName = "plain", ToolArgs = Builders.Json("""{"path":"/etc"}"""), RequiresConfirmation = false });

        Assert.Equal(["/a"], _deleted);
    }

    [Fact]
    public async Task Input_of_a_human_is_filled_in_and_the_model_never_sees_the_field()
    {
        await using var engine = Start(call => call.Use("send", new { subject = "Hi" }, "c1"));
        var paused = await engine.RunAsync();
        engine.Model.Answer("sent");
        var waiting = Waiting(paused);

        var run = await engine.ContinueAsync(paused.RunId, waiting with { UserInputSchema = Fill(waiting, "to", "\"ann\"") });

        Assert.Equal("I have tools to execute, but I need user input.", paused.Content?.Text);
        Assert.Equal(["subject", "to"], waiting.UserInputSchema!.Value.Select(field => field.Name));
        Assert.Equal("Hi", waiting.UserInputSchema!.Value[0].Value?.GetString());
        Assert.Null(waiting.UserInputSchema!.Value[1].Value);
        Assert.Equal("'Hi' to ann", run.Tools!.Value[0].Result);
        Assert.True(run.Tools!.Value[0].Answered);
        var declared = (Microsoft.Extensions.AI.AIFunctionDeclaration)engine.Model.Calls[0].Options.Tools!.Single(tool => tool.Name == "send");
        Assert.Equal(["subject"], declared.JsonSchema.GetProperty("properties").EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public async Task The_result_of_a_call_that_was_made_outside_is_told_to_the_model()
    {
        await using var engine = Start(call => call.Use("shell", new { command = "ls" }, "c1"));
        var paused = await engine.RunAsync();
        engine.Model.Answer("two files");

        var run = await engine.ContinueAsync(paused.RunId, Waiting(paused) with { Result = "a b" });

        Assert.Equal("I have tools to execute, but it needs external execution.", paused.Content?.Text);
        Assert.Equal("tool: a b", engine.Model.Calls[^1].Texts[^1]);
        Assert.Equal("a b", run.Tools!.Value[0].Result);
    }

    [Fact]
    public async Task A_missing_result_is_refused_and_the_run_stays_paused()
    {
        await using var engine = Start(call => call.Use("shell", new { command = "ls" }, "c1"));
        var paused = await engine.RunAsync();

        var refusal = await Assert.ThrowsAsync<InvalidRequestException>(() => engine.ContinueAsync(paused.RunId, Waiting(paused)));

        Assert.Equal("Tool shell requires external execution, cannot continue run", refusal.Message);
        Assert.Equal(RunStatus.Paused, (await engine.Host.FindAsync(paused.RunId, Patience.Token))!.Output.Status);
        engine.Model.Answer("done");
        Assert.Equal("done", (await engine.ContinueAsync(paused.RunId, Waiting(paused) with { Result = "x" })).Content?.Text);
    }

    [Fact]
    public async Task Several_needs_are_asked_for_at_once_after_the_plain_calls_were_made()
    {
        await using var engine = Start(call => call
            .Use("delete", new { path = "/a" }, "c1").Use("plain", id: "c2").Use("send", new { subject = "Hi" }, "c3").Use("shell", new { command = "ls" }, "c4"));

        var events = await engine.StreamAsync();
        var paused = (RunPaused)events[^1];
        engine.Model.Answer("all");
        var run = await engine.ContinueAsync(
            paused.RunId!,
            paused.Tools.Single(tool => tool.ToolCallId == "c4") with { Result = "files" },
            paused.Tools.Single(tool => tool.ToolCallId == "c1") with { Confirmed = true },
            paused.Tools.Single(tool => tool.ToolCallId == "c3") with { UserInputSchema = Fill(paused.Tools.Single(tool => tool.ToolCallId == "c3"), "to", "\"ann\"") });

        Assert.Equal("RunStarted ModelRequestStarted ModelRequestCompleted ToolCallStarted ToolCallCompleted RunContentCompleted RunPaused", events.Order());
        Assert.Equal("I have tools to execute, but I need confirmation and I need user input and it needs external execution.", paused.Content.Text);
        Assert.Equal(4, paused.Tools.Length);
        Assert.Equal(["c1", "c3", "c4"], paused.Requirements.Select(requirement => requirement.ToolExecution.ToolCallId));
        Assert.Equal(["tool: deleted /a", "tool: plain", "tool: 'Hi' to ann", "tool: files"], engine.Model.Calls[^1].Texts.TakeLast(4));
        Assert.Equal("all", run.Content?.Text);
    }

    [Fact]
    public async Task Text_before_a_pause_stays_the_content_and_is_continued()
    {
        await using var engine = Start(call => call.Say("I will delete it. ").Use("delete", new { path = "/a" }, "c1"));
        var paused = await engine.RunAsync();
        engine.Model.Answer("Done.");

        var run = await engine.ContinueAsync(paused.RunId, Waiting(paused) with { Confirmed = true });

        Assert.Equal("I will delete it. ", paused.Content?.Text);
        Assert.Equal("I will delete it. Done.", run.Content?.Text);
    }

    [Fact]
    public async Task An_answer_to_a_call_that_nobody_made_is_refused()
    {
        await using var engine = Start(call => call.Use("delete", new { path = "/a" }, "c1"));
        var paused = await engine.RunAsync();

        await Assert.ThrowsAsync<InvalidRequestException>(() => engine.ContinueAsync(paused.RunId, Waiting(paused) with { Confirmed = true, ToolCallId = "strange" }));

        Assert.Empty(_deleted);
    }

    [Fact]
    public async Task A_run_can_be_continued_once()
    {
        await using var engine = Start(call => call.Use("delete", new { path = "/a" }, "c1"));
        var paused = await engine.RunAsync();
        var continuation = new RunContinuation(paused.RunId, [Waiting(paused) with { Confirmed = true }]);

        await engine.Host.ContinueAsync(continuation, Patience.Token);
        var again = await Assert.ThrowsAsync<ConflictException>(() => engine.Host.ContinueAsync(continuation, Patience.Token));
        (await engine.Model.NextCallAsync()).End();
        await engine.WaitAsync(paused.RunId);
        var afterEnd = await Assert.ThrowsAsync<ConflictException>(() => engine.Host.ContinueAsync(continuation, Patience.Token));

        Assert.EndsWith("already running", again.Message, StringComparison.Ordinal);
        Assert.EndsWith("completed", afterEnd.Message, StringComparison.Ordinal);
        Assert.Equal(["/a"], _deleted);
    }

    [Fact]
    public async Task A_run_is_at_hand_right_after_it_was_continued()
    {
        await using var engine = new TestEngine(_agent);
        for (var i = 0; i < 50; i++)
        {
            engine.Model.AnswerWithCall("delete", new { path = $"/{i}" });
            var paused = await engine.RunAsync();
            await engine.Host.ContinueAsync(new RunContinuation(paused.RunId, [Waiting(paused) with { Confirmed = true }]), Patience.Token);
            var call = await engine.Model.NextCallAsync();

            Assert.NotNull((await engine.Host.FindAsync(paused.RunId, Patience.Token))!.EventCount);
            call.Say("done").End();
            Assert.Equal("done", (await engine.WaitAsync(paused.RunId)).Content?.Text);
        }
    }

    [Fact]
    public async Task A_paused_run_is_continued_by_the_next_host()
    {
        await using var engine = Start(call => call.Use("delete", new { path = "/a" }, "c1"));
        var paused = await engine.RunAsync();
        await engine.Host.StopAsync(Patience.Token);
        await using var next = engine.Successor();
        next.Model.Answer("done");
        Assert.Equal(0, await next.Host.RecoverAsync(Patience.Token));

        var run = await next.ContinueAsync(paused.RunId, Waiting(paused) with { Confirmed = true });

        Assert.Equal("done", run.Content?.Text);
        Assert.Equal(["/a"], _deleted);
        Builders.AssertGapless(await next.EventsAsync(run.RunId));
    }

    [Fact]
    public async Task A_continued_run_can_pause_again()
    {
        await using var engine = Start(call => call.Use("delete", new { path = "/a" }, "c1"));
        var paused = await engine.RunAsync();
        engine.Model.AnswerWithCall("delete", new { path = "/b" }, "c2").Answer("done");

        var again = await engine.ContinueAsync(paused.RunId, Waiting(paused) with { Confirmed = true });
        var run = await engine.ContinueAsync(paused.RunId, Waiting(again) with { Confirmed = true });

        Assert.Equal(RunStatus.Paused, again.Status);
        Assert.Equal("c2", Waiting(again).ToolCallId);
        Assert.Equal("done", run.Content?.Text);
        Assert.Equal(["/a", "/b"], _deleted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(null)]
    public async Task A_call_that_needs_confirmation_and_input_is_not_made_without_a_yes(bool? confirmed)
    {
        await using var engine = Start(call => call.Use("careful", id: "c1"));
        var paused = await engine.RunAsync();
        engine.Model.Answer("kept");
        var waiting = Waiting(paused);

        await engine.ContinueAsync(paused.RunId, waiting with { Confirmed = confirmed, UserInputSchema = Fill(waiting, "to", "\"/a\"") });

        Assert.Empty(_deleted);
    }

    [Fact]
    public async Task A_call_that_needs_confirmation_and_input_is_made_with_both()
    {
        await using var engine = Start(call => call.Use("careful", id: "c1"));
        var paused = await engine.RunAsync();
        engine.Model.Answer("gone");
        var waiting = Waiting(paused);

        var run = await engine.ContinueAsync(paused.RunId, waiting with { Confirmed = true, UserInputSchema = Fill(waiting, "to", "\"/a\"") });

        Assert.Equal(["/a"], _deleted);
        Assert.False(run.Tools!.Value[0].IsWaiting);
    }

    private TestEngine Start(Func<ModelCall, ModelCall> ask)
    {
        var engine = new TestEngine(_agent);
        engine.Model.Answer(call => ask(call).Cost(10, 5).End());
        return engine;
    }

    private string Delete(string path)
    {
        _deleted.Add(path);
        return $"deleted {path}";
    }

    private static ToolExecution Waiting(RunOutput paused) => paused.Tools!.Value.Single(tool => tool.IsWaiting);

    private static ImmutableArray<UserInputField> Fill(ToolExecution tool, string name, string json) =>
        [.. tool.UserInputSchema!.Value.Select(field => field.Name == name ? field with { Value = Builders.Json(json) } : field)];
}
