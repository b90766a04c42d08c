using Cluster.Api.Tests;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Gateway.Tests.Silos;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cluster.Gateway.Tests.Runs;

/// <summary>What a silo still does for readers that left without a word.</summary>
public sealed class VanishedReaderTests : IAsyncLifetime
{
    private readonly Speech _speech = new();
    private readonly SentNews _news = new();
    private readonly LeapingTime _siloTime = new();
    private readonly LeapingTime _gatewayTime = new();
    private readonly List<IHost> _gateways = [];
    private TwoSilos? _silos;

    private IRunHost Left => _gateways[0].Services.GetRequiredService<IRunHost>();

    private IRunHost Other => _gateways[1].Services.GetRequiredService<IRunHost>();

    public async ValueTask InitializeAsync()
    {
        _silos = await TwoSilos.StartAsync([_speech.Agent], _siloTime, TestApi.Stop, silo => silo.AddIncomingGrainCallFilter(_news));
        foreach (var time in (TimeProvider[])[_gatewayTime, TimeProvider.System])
        {
            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
            builder.Services.AddSingleton(time);
            _silos.AddGateway(builder);
            _gateways.Add(builder.Build());
            await _gateways[^1].StartAsync(TestApi.Stop);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in _gateways)
        {
            await gateway.StopAsync(CancellationToken.None);
            gateway.Dispose();
        }

        await (_silos?.DisposeAsync() ?? ValueTask.CompletedTask);
        _speech.Dispose();
    }

    [Fact]
    public async Task Nothing_is_sent_to_a_gateway_whose_reader_left_ten_seconds_ago()
    {
        var model = _speech.To("left");
        var runId = await Left.StartAsync(TwoGateways.Ask("speaker", "left"), TestApi.Stop);
        await using (var reader = Left.ReadEventsAsync(runId, -1, TestApi.Stop).GetAsyncEnumerator(TestApi.Stop))
        {
            model.Say("heard");
            await ReadToAsync(reader, "heard");
        }

        _gatewayTime.Leap(TimeSpan.FromSeconds(11));
        var watcher = await _news.UnwatchedAsync(TestApi.Stop);
        _ = _news.Count(watcher);
        await FinishAsync(runId, model);

        Assert.Equal(0, _news.Count(watcher));
    }

    [Fact]
    public async Task Nothing_is_sent_to_a_gateway_that_did_not_say_for_a_minute_that_it_still_listens()
    {
        const string Dead = "dead";
        var model = _speech.To("dead");
        var runId = await Other.StartAsync(TwoGateways.Ask("speaker", "dead"), TestApi.Stop);
        var run = _gateways[1].Services.GetRequiredService<IGrainFactory>().GetGrain<IRunGrain>(new RunKey(TenantId.Default, runId).ToString());
        model.Say("heard");
        await using (var reader = Other.ReadEventsAsync(runId, -1, TestApi.Stop).GetAsyncEnumerator(TestApi.Stop))
        {
            await ReadToAsync(reader, "heard");
        }

        // From here on a word is a message.
        await run.WatchAsync(new RunWatch(Dead, AfterIndex: -1, WithOutcome: true));
        model.Say(" and");
        await _news.SentAsync(Dead, TestApi.Stop);

        _siloTime.Leap(RunWatch.Lapse + TimeSpan.FromSeconds(1));
        _ = _news.Count(Dead);
        await FinishAsync(runId, model);

        Assert.Equal(0, _news.Count(Dead));
    }

    /// <summary>Lets the run say more and end, and waits until somebody else has heard all of it.</summary>
    private async Task FinishAsync(string runId, SpokenModel model)
    {
        await using var reader = Other.ReadEventsAsync(runId, -1, TestApi.Stop).GetAsyncEnumerator(TestApi.Stop);
        await ReadToAsync(reader, "heard");
        model.Say("unheard");
        await ReadToAsync(reader, "unheard");
        model.Finish();
        Assert.EndsWith("unheard", (await Other.WaitAsync(runId, TestApi.Stop)).Content?.Text, StringComparison.Ordinal);
    }

    private static async Task ReadToAsync(IAsyncEnumerator<RunEvent> reader, string word)
    {
        while (reader.Current is not RunContent { Content.Text: var text } || text != word)
        {
            Assert.True(await reader.MoveNextAsync());
        }
    }
}
