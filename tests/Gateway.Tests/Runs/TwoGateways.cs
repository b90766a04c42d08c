using System.Text.Json;
using Cluster.Api.Tests;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Tools;
using Cluster.Gateway.Tests.Silos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cluster.Gateway.Tests.Runs;

/// <summary>Two silos and two gateways in this process, without HTTP. Tests keep out of each other's way by sessions of their own.</summary>
public sealed class TwoGateways : IAsyncLifetime
{
    private readonly List<IHost> _gateways = [];
    private TwoSilos? _silos;

    /// <summary>Gets the runs as the first gateway sees them.</summary>
    internal IRunHost First => _gateways[0].Services.GetRequiredService<IRunHost>();

    /// <summary>Gets the runs as the second gateway sees them.</summary>
    internal IRunHost Second => _gateways[1].Services.GetRequiredService<IRunHost>();

    /// <summary>Gets what a gateway has.</summary>
    internal IServiceProvider Services(int gateway) => _gateways[gateway].Services;

    internal IGrainFactory Grains => _gateways[0].Services.GetRequiredService<IGrainFactory>();

    internal Speech Speech { get; } = new();

    internal Silence Silence { get; } = new();

    /// <summary>Records a run as a silo does that dies right after it.</summary>
    internal async Task AcceptAndDieAsync(RunRequest request) =>
        await _silos!.Log.AcceptAsync(await new RunAdmission(TenantId.Default, new AgentCatalog([Speech.Agent]), new ModelCatalog([]), TimeProvider.System).PrepareAsync(request), TestApi.Stop);

    internal static RunRequest Ask(string agentId, string input, string? sessionId = null) => new()
    {
        RunId = Guid.NewGuid().ToString(),
        SessionId = sessionId ?? Guid.NewGuid().ToString(),
        AgentId = agentId,
        Input = new RunInput { InputContent = input },
    };

    public async ValueTask InitializeAsync()
    {
        _silos = await TwoSilos.StartAsync([Speech.Agent, CreateConfirmAgent(), .. ApprovalAgents.All, .. Silence.Agents], TimeProvider.System, CancellationToken.None);
        for (var count = 0; count < 2; count++)
        {
            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
            _silos.AddGateway(builder);
            var gateway = builder.Build();
            _gateways.Add(gateway);
            await gateway.StartAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in _gateways)
        {
            await gateway.StopAsync();
            gateway.Dispose();
        }

        await (_silos?.DisposeAsync() ?? ValueTask.CompletedTask);
        Speech.Dispose();
        Silence.Dispose();
    }

    private static Agent CreateConfirmAgent()
    {
        var tool = Tool.Create(Delete, new ToolOptions { RequiresConfirmation = true });
        var script = new Script { Text = "Done: {result}", Calls = [new ScriptedCall(tool.Name, JsonElement.Parse("{}"))] };
        return TestApi.Scripted("confirm", "Confirm", script) with { Tools = [tool] };
    }

    private static string Delete() => "deleted";
}
