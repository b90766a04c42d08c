using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Tests.Processes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cluster.Tests.Teams;

/// <summary>A gateway in this process, whose runs tests start without HTTP.</summary>
internal sealed class TestClient : IAsyncDisposable
{
    private readonly IHost _gateway;

    private TestClient(IHost gateway) => _gateway = gateway;

    public IRunHost Runs => _gateway.Services.GetRequiredService<IRunHost>();

    public static async Task<TestClient> StartAsync(TestCluster cluster)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create<string, string?>("Cluster:Store", $"postgres:{cluster.Store.ConnectionString}")]);
        builder.AddGateway();
        var gateway = builder.Build();
        await gateway.StartAsync();
        return new TestClient(gateway);
    }

    public static RunRequest Ask(string componentId, string input, SessionType type) => new()
    {
        RunId = Guid.NewGuid().ToString(),
        SessionId = Guid.NewGuid().ToString(),
        AgentId = componentId,
        ComponentType = type,
        Input = new RunInput { InputContent = input },
    };

    public async ValueTask DisposeAsync()
    {
        await _gateway.StopAsync();
        _gateway.Dispose();
    }
}
