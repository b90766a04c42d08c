using Cluster.Api.Tests;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Gateway.Tests.Runs;
using Cluster.Gateway.Tests.Silos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cluster.Gateway.Tests.Teams;

/// <summary>Two silos that run teams, and two gateways, in this process. Tests keep out of each other's way by sessions of their own.</summary>
public sealed class TeamSilos : IAsyncLifetime
{
    private readonly List<IHost> _gateways = [];
    private TwoSilos? _silos;

    /// <summary>Gets the runs as the first gateway sees them.</summary>
    internal IRunHost First => _gateways[0].Services.GetRequiredService<IRunHost>();

    /// <summary>Gets the runs as the second gateway sees them.</summary>
    internal IRunHost Second => _gateways[1].Services.GetRequiredService<IRunHost>();

    internal IServiceProvider Services => _gateways[0].Services;

    internal IRunLog Log => _silos!.Log;

    internal MemberCalls Calls { get; } = new();

    internal Crowd Crowd { get; } = new(TestTeams.CrowdSize);

    internal Speech Speech { get; } = new();

    internal static RunRequest Ask(string teamId, string input) => new()
    {
        RunId = Guid.NewGuid().ToString(),
        SessionId = Guid.NewGuid().ToString(),
        AgentId = teamId,
        ComponentType = SessionType.Team,
        Input = new RunInput { InputContent = input },
        Streamed = true,
    };

    /// <summary>Runs a team through the first gateway until it has settled.</summary>
    internal async Task<RunOutput> RunAsync(string teamId, string input = "go") =>
        await First.WaitAsync(await First.StartAsync(Ask(teamId, input), TestApi.Stop), TestApi.Stop);

    /// <summary>Reads the records of the runs that a run has started, in the order in which they were accepted.</summary>
    internal async Task<RunOutput[]> MembersOfAsync(RunOutput team) =>
        [.. (await Services.GetRequiredService<IRunRecords>().ListAsync(new RunQuery(team.SessionId!) { ParentRunId = team.RunId }, TestApi.Stop)).Select(record => record.Output)];

    public async ValueTask InitializeAsync()
    {
        _silos = await TwoSilos.StartAsync(
            TestTeams.All(Crowd.Model, Speech.Agent), TimeProvider.System, CancellationToken.None, silo => silo.AddIncomingGrainCallFilter(Calls));
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
        Crowd.Dispose();
        Speech.Dispose();
    }
}
