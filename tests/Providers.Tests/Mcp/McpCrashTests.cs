using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Tools;
using Cluster.Testing;

namespace Cluster.Providers.Tests.Mcp;

public sealed class McpCrashTests : IAsyncLifetime
{
    private readonly McpTestBed _bed = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task Calls_of_a_server_survive_every_crash_under_the_same_key()
    {
        var toolkit = _bed.Stdio(options => options with { Configure = tool => tool.Options with { Effect = ToolEffect.Keyed } });
        var script = new Script
        {
            Text = "The server said: {result}",
            Calls = [new ScriptedCall("echo", JsonElement.Parse("""{"text":"one"}""")), new ScriptedCall("echo", JsonElement.Parse("""{"text":"two"}"""))],
        };
        var agent = new Agent { Model = ScriptedModelProvider.Create(script), Toolkits = [toolkit] };

        var report = await CrashPoints.SweepAsync(new CrashScenario(agent, "go"), TestContext.Current.CancellationToken);

        report.ThrowIfUnsafe();
        Assert.True(report.Points > 15, report.ToString());
    }
}
