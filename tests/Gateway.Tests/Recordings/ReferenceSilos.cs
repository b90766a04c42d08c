using Cluster.Contract.Host;
using Cluster.Gateway.Tests.Silos;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Cluster.Gateway.Tests.Recordings;

/// <summary>Two silos with the reference agents and a gateway, all in this process.</summary>
public sealed class ReferenceSilos : IAsyncLifetime
{
    private TwoSilos? _silos;
    private WebApplication? _gateway;
    private Stage? _stage;

    internal Stage Stage => _stage ?? throw new InvalidOperationException("The silos did not start.");

    internal TwoSilos Silos => _silos ?? throw new InvalidOperationException("The silos did not start.");

    public async ValueTask InitializeAsync()
    {
        var clock = new ScenarioClock();
        _silos = await TwoSilos.StartAsync([.. ReferenceAgents.Create(clock), .. ReferenceTeams.Create(clock)], TimeProvider.System, CancellationToken.None);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(ReferenceSettings.Presentation);
        _silos.AddGateway(builder);
        _gateway = builder.Build();
        _gateway.MapAgentOs();
        await _gateway.StartAsync();
        _stage = new Stage(new Uri(_gateway.Urls.First()), clock);
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
        {
            await _gateway.StopAsync(CancellationToken.None);
            await _gateway.DisposeAsync();
        }

        await (_silos?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
