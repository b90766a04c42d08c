using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;

namespace Cluster.Engine.Tests.Telemetry;

public sealed class MetricTests : IDisposable
{
    private readonly string _unique = "only-" + Guid.NewGuid().ToString("N");
    private readonly ChannelChatClient _model = new();

    private Agent Agent => new()
    {
        Id = _unique,
        Name = "Scout",
        Model = new ChatModel { Id = _unique, Name = "Test", Provider = "Mistral", Client = _model },
    };

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task Tokens_are_counted_by_type_for_each_model_call()
    {
        using var metrics = new MeasurementRecorder("gen_ai.request.model", _unique);
        await using var engine = new TestEngine(Agent);
        _model.Answer(call => call.Say("yes").Cost(1234, 56).End());

        await engine.RunAsync();

        var usage = metrics.Of("gen_ai.client.token.usage");
        Assert.Equal([("input", 1234.0), ("output", 56.0)], usage.Select(measured => ((string)measured.Tags["gen_ai.token.type"]!, measured.Value)));
        Assert.All(usage, measured => Assert.Equal(("chat", "mistral_ai"), (measured.Tags["gen_ai.operation.name"], measured.Tags["gen_ai.provider.name"])));
    }

    [Fact]
    public async Task Tokens_that_the_provider_does_not_tell_are_not_counted_as_zero()
    {
        using var metrics = new MeasurementRecorder("gen_ai.request.model", _unique);
        await using var engine = new TestEngine(Agent);
        _model.Answer(call => call.Say("yes").End());

        await engine.RunAsync();

        Assert.Empty(metrics.Of("gen_ai.client.token.usage"));
        Assert.Single(metrics.Of("gen_ai.client.operation.duration"));
    }

    [Fact]
    public async Task A_model_call_is_measured_from_the_request_over_the_first_word_to_the_end()
    {
        var time = new ManualTime();
        using var metrics = new MeasurementRecorder("gen_ai.request.model", _unique);
        await using var engine = new TestEngine(Agent, time: time);
        var runId = await engine.StartAsync();
        await using var events = engine.Host.ReadEventsAsync(runId, cancellationToken: Patience.Token).GetAsyncEnumerator(Patience.Token);
        var call = await _model.NextCallAsync();
        time.Advance(TimeSpan.FromSeconds(2));
        call.Say("y");
        while (await events.MoveNextAsync() && events.Current is not RunContent)
        {
        }

        time.Advance(TimeSpan.FromSeconds(3));
        call.End();
        await engine.WaitAsync(runId);

        Assert.Equal(5, Assert.Single(metrics.Of("gen_ai.client.operation.duration")).Value);
        Assert.Equal(2, Assert.Single(metrics.Of("gen_ai.client.operation.time_to_first_chunk")).Value);
    }

    [Fact]
    public async Task A_failed_model_call_is_measured_with_the_kind_of_failure()
    {
        using var metrics = new MeasurementRecorder("gen_ai.request.model", _unique);
        await using var engine = new TestEngine(Agent);
        _model.Answer(call => call.Fail(new HttpRequestException("gone")));

        await engine.RunAsync();

        Assert.Equal("System.Net.Http.HttpRequestException", Assert.Single(metrics.Of("gen_ai.client.operation.duration")).Tags["error.type"]);
    }

    [Fact]
    public async Task Runs_are_counted_when_they_start_and_by_status_when_they_end()
    {
        using var metrics = new MeasurementRecorder("gen_ai.agent.id", _unique);
        await using var engine = new TestEngine(Agent);
        _model.Answer("yes").Answer(call => call.Fail(new HttpRequestException("gone")));

        await engine.RunAsync();
        await engine.RunAsync();
        var third = await engine.StartAsync();
        await _model.NextCallAsync();
        await engine.Host.CancelAsync(third, Patience.Token);
        await engine.WaitAsync(third);

        Assert.Equal(3, metrics.Of("cluster.run.started").Count);
        Assert.Equal(["completed", "error", "cancelled"], metrics.Of("cluster.run.finished").Select(measured => measured.Tags["cluster.run.status"]));
        Assert.Equal(["completed", "error", "cancelled"], metrics.Of("cluster.run.duration").Select(measured => measured.Tags["cluster.run.status"]));
        Assert.Single(metrics.Of("cluster.run.time_to_first_token"));
    }
}
