using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Hosting.Tests;

public sealed class DemoTeamTests
{
    [Fact]
    public async Task The_demo_team_delegates_without_any_key()
    {
        await using var services = new ServiceCollection().AddEngine().AddDemoAgents().AddDemoTeam().BuildServiceProvider();

        var output = await services.GetRequiredService<IRunHost>().RunTeamAsync("office", "What is 2 + 3?", cancellationToken: TestContext.Current.CancellationToken);

        Assert.StartsWith("I am the built-in scripted model and always ask the clerk. It said: ", output.Content!.ToString(), StringComparison.Ordinal);
        Assert.Equal("clerk", Assert.Single(output.MemberResponses!.Value).AgentId);
        Assert.Equal(["assistant", "clerk"], services.GetRequiredService<IAgentCatalog>().Agents.Select(agent => agent.AgentId));
    }
}
