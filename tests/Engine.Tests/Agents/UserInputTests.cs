using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Agents;

public sealed class UserInputTests
{
    private static readonly Agent Sender = new()
    {
        Tools =
        [
            Tool.Create((string subject, string to, string from, string cc = "nobody") => $"{subject} to {to} from {from} and {cc}", new ToolOptions { Name = "send", UserInputFields = ["to", "from", "cc"] }),
            Tool.Create((string to) => to, new ToolOptions { Name = "careful", RequiresConfirmation = true, UserInputFields = ["to"] }),
        ],
    };

    [Fact]
    public async Task Input_without_any_value_is_refused_and_the_run_stays_paused()
    {
        var (engine, paused) = await PauseAsync("send");
        var waiting = paused.Tools!.Value[0];

        Func<Task>[] answers =
        [
            () => engine.ContinueAsync(paused.RunId),
            () => engine.ContinueAsync(paused.RunId, waiting with { UserInputSchema = null }),
        ];

        foreach (var answer in answers)
        {
            var refusal = await Assert.ThrowsAsync<InvalidRequestException>(answer);
            Assert.Equal("Tool send needs user input: to, from, cc. Send the values in user_input_schema.", refusal.Message);
        }

        Assert.Equal(RunStatus.Paused, (await engine.Host.FindAsync(paused.RunId, Patience.Token))!.Output.Status);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task Input_that_leaves_out_a_needed_field_is_refused_and_can_be_sent_again()
    {
        var (engine, paused) = await PauseAsync("send");
        engine.Model.Answer("sent");

        var refusal = await Assert.ThrowsAsync<InvalidRequestException>(() => engine.ContinueAsync(paused.RunId, Filled(paused, "to")));
        var run = await engine.ContinueAsync(paused.RunId, Filled(paused, "to", "from"));

        Assert.Equal("Tool send needs user input: from. Send the values in user_input_schema.", refusal.Message);
        Assert.Equal("Hi to ann from ann and nobody", run.Tools!.Value[0].Result);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task Input_that_leaves_a_needed_value_empty_fails_the_call_and_not_the_run()
    {
        var (engine, paused) = await PauseAsync("send");
        engine.Model.Answer("not sent");

        var run = await engine.ContinueAsync(paused.RunId, Fill(paused, "to"));

        Assert.Equal((RunStatus.Completed, true), (run.Status, run.Tools!.Value[0].ToolCallError));
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_call_that_is_rejected_needs_no_input()
    {
        var (engine, paused) = await PauseAsync("careful");
        engine.Model.Answer("kept");

        var run = await engine.ContinueAsync(paused.RunId, paused.Tools!.Value[0] with { Confirmed = false, UserInputSchema = null });

        Assert.Equal("kept", run.Content?.Text);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_call_that_is_confirmed_still_needs_its_input()
    {
        var (engine, paused) = await PauseAsync("careful");

        await Assert.ThrowsAsync<InvalidRequestException>(() => engine.ContinueAsync(paused.RunId, paused.Tools!.Value[0] with { Confirmed = true, UserInputSchema = null }));

        await engine.DisposeAsync();
    }

    private static async Task<(TestEngine Engine, RunOutput Paused)> PauseAsync(string tool)
    {
        var engine = new TestEngine(Sender);
        engine.Model.AnswerWithCall(tool, tool == "send" ? new { subject = "Hi" } : null);
        return (engine, await engine.RunAsync());
    }

    /// <summary>Sends back only the fields that have a value.</summary>
    private static ToolExecution Filled(RunOutput paused, params ImmutableArray<string> names)
    {
        var filled = Fill(paused, names);
        return filled with { UserInputSchema = [.. filled.UserInputSchema!.Value.Where(field => field.Value is not null)] };
    }

    private static ToolExecution Fill(RunOutput paused, params ImmutableArray<string> names)
    {
        var waiting = paused.Tools!.Value[0];
        return waiting with
        {
            UserInputSchema = [.. waiting.UserInputSchema!.Value.Select(field => names.Contains(field.Name) ? field with { Value = Builders.Json("\"ann\"") } : field)],
        };
    }
}
