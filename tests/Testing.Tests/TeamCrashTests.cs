using System.Collections.Concurrent;
using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;

namespace Cluster.Testing.Tests;

/// <summary>A team in a team; one member waits for a human, one fails, one has a tool that recognises repetitions.</summary>
public sealed class TeamCrashTests
{
    [Theory]
    [InlineData(TeamMode.Coordinate)]
    [InlineData(TeamMode.Broadcast)]
    public async Task A_nested_team_survives_a_crash_at_every_point(TeamMode mode)
    {
        var world = new World();

        var report = await CrashPoints.SweepAsync(new CrashScenario(world.NewTeam(mode), "go") { Reset = world.Clear, World = world.ToString }, TestContext.Current.CancellationToken);

        report.ThrowIfUnsafe();
        Assert.True(report.Points > 100, $"{report.Points} points");
    }

    [Fact]
    public async Task A_team_that_routes_survives_a_crash_at_every_point()
    {
        var world = new World();
        var team = World.Leading("unsaid", "delegate_task_to_member", new { member_id = "payer", task = "pay" }) with { Mode = TeamMode.Route, Members = [world.Payer] };

        (await CrashPoints.SweepAsync(new CrashScenario(team, "go") { Reset = world.Clear, World = world.ToString }, TestContext.Current.CancellationToken)).ThrowIfUnsafe();
    }

    /// <summary>What the tools of the members change: payments, each under its key, and files that are gone.</summary>
    private sealed class World
    {
        private readonly ConcurrentDictionary<string, string> _payments = new(StringComparer.Ordinal);
        private readonly ConcurrentQueue<string> _deleted = new();

        public Agent Payer => new()
        {
            Name = "Payer",
            Model = Script("paid: {result}", ("pay", new { amount = 5 })),
            Tools = [Tool.Create(Pay, new ToolOptions { Name = "pay", Effect = ToolEffect.Keyed })],
        };

        public Team NewTeam(TeamMode mode)
        {
            var deleter = new Agent
            {
                Name = "Deleter",
                Model = Script("deleted: {result}", ("delete_file", new { path = "/a" })),
                Tools = [Tool.Create(Delete, new ToolOptions { Name = "delete_file", RequiresConfirmation = true })],
            };
            var broken = new Agent { Name = "Broken", Model = ScriptedModelProvider.Create(new Script { Failure = "down" }) };
            var inner = Leading("inner: {result}", "delegate_task_to_members", new { task = "do it" }) with
            {
                Name = "Inner",
                Mode = TeamMode.Broadcast,
                Members = [deleter, Payer],
            };
            Agent[] members = [inner, broken];
            return mode == TeamMode.Broadcast
                ? Leading("all: {result}", "delegate_task_to_members", new { task = "do it" }) with { Mode = mode, Members = [.. members] }
                : new Team
                {
                    Name = "Outer",
                    Model = Script(
                        "all: {result}",
                        ("delegate_task_to_member", new { member_id = "inner", task = "do it" }),
                        ("delegate_task_to_member", new { member_id = "broken", task = "do it" })),
                    Members = [.. members],
                };
        }

        public static Team Leading(string text, string tool, object arguments) => new() { Name = "Outer", Model = Script(text, (tool, arguments)) };

        public void Clear()
        {
            _payments.Clear();
            _deleted.Clear();
        }

        public override string ToString() => $"{string.Join(", ", _payments.Values)} | {string.Join(", ", _deleted)}";

        private static ChatModel Script(string text, params (string Tool, object Arguments)[] calls) => ScriptedModelProvider.Create(new Script
        {
            Text = text,
            Deltas = 2,
            Calls = [.. calls.Select(call => new ScriptedCall(call.Tool, JsonSerializer.SerializeToElement(call.Arguments)))],
        });

        private string Pay(int amount, RunContext context) => _payments.GetOrAdd(context.IdempotencyKey!, _ => $"{amount} paid");

        private string Delete(string path)
        {
            _deleted.Enqueue(path);
            return $"{path} is gone";
        }
    }
}
