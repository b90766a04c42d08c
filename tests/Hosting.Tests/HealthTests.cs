using System.Net;
using Cluster.Hosting.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cluster.Hosting.Tests;

/// <summary>Beside no test of traces: spans of requests are heard by all of the process.</summary>
[Collection(nameof(TelemetryTests))]
public sealed class HealthTests
{
    [Fact]
    public async Task A_process_that_still_starts_lives_but_is_not_ready()
    {
        var gate = new Gate();
        await using var app = TestHost.Build(builder => builder.Services.AddHostedService(_ => gate));
        var starting = app.StartAsync(Patience.Token);
        await gate.Reached.Task.WaitAsync(Patience.Token);
        using var client = app.NewClient();

        var live = await AskAsync(client, "live");
        var before = await AskAsync(client, "ready");
        gate.Opened.SetResult();
        await starting;
        var after = await AskAsync(client, "ready");

        Assert.Equal((HttpStatusCode.OK, """{"status":"live"}"""), live);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"status":"not ready","not_ready":{"process":"starting"}}"""), before);
        Assert.Equal((HttpStatusCode.OK, """{"status":"ready"}"""), after);
    }

    [Fact]
    public async Task A_process_that_is_asked_to_stop_is_not_ready_any_more_but_lives()
    {
        await using var app = TestHost.Build();
        await app.StartAsync(Patience.Token);
        using var client = app.NewClient();

        app.Lifetime.StopApplication();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"status":"not ready","not_ready":{"process":"stopping"}}"""), await AskAsync(client, "ready"));
        Assert.Equal((HttpStatusCode.OK, """{"status":"live"}"""), await AskAsync(client, "live"));
    }

    [Fact]
    public async Task Whatever_is_not_ready_is_named_with_its_reason_and_without_internals()
    {
        await using var app = TestHost.Build(builder => builder.Services
            .AddReadinessCheck<Fine>().AddReadinessCheck<Lonely>().AddReadinessCheck<Broken>().AddReadinessCheck<Hanging>());
        await app.StartAsync(Patience.Token);
        using var client = app.NewClient();

        var answer = await AskAsync(client, "ready");

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, """{"status":"not ready","not_ready":{"cluster":"no members","database":"the check failed","hanging":"no answer in 0.05 seconds"}}"""),
            answer);
    }

    [Fact]
    public async Task A_store_that_answers_is_ready()
    {
        await using var app = TestHost.Build(builder => builder.Services.AddReadinessCheck<StoreReadinessCheck>().AddReadinessCheck<StoreReadinessCheck>());
        await app.StartAsync(Patience.Token);
        using var client = app.NewClient();

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(client, "ready")).Status);
        Assert.Single(app.Services.GetServices<IReadinessCheck>());
    }

    [Fact]
    public async Task Nobody_keeps_the_answer_in_a_cache()
    {
        await using var app = TestHost.Build();
        await app.StartAsync(Patience.Token);
        using var client = app.NewClient();

        using var answer = await client.GetAsync(new Uri("/health/ready", UriKind.Relative), Patience.Token);

        Assert.True(answer.Headers.CacheControl!.NoStore);
    }

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(HttpClient client, string what)
    {
        using var answer = await client.GetAsync(new Uri($"/health/{what}", UriKind.Relative), Patience.Token);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Patience.Token));
    }

    /// <summary>Holds up the start of the host after the web server listens.</summary>
    private sealed class Gate : IHostedLifecycleService
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task StartedAsync(CancellationToken cancellationToken)
        {
            Reached.SetResult();
            return Opened.Task.WaitAsync(cancellationToken);
        }

        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class Fine : IReadinessCheck
    {
        public string Name => "fine";

        public ValueTask<string?> CheckAsync(CancellationToken cancellationToken = default) => new((string?)null);
    }

    private sealed class Lonely : IReadinessCheck
    {
        public string Name => "cluster";

        public ValueTask<string?> CheckAsync(CancellationToken cancellationToken = default) => new("no members");
    }

    private sealed class Broken : IReadinessCheck
    {
        public string Name => "database";

        public ValueTask<string?> CheckAsync(CancellationToken cancellationToken = default) => throw new InvalidOperationException("password=secret");
    }

    private sealed class Hanging : IReadinessCheck
    {
        public string Name => "hanging";

        public TimeSpan Timeout => TimeSpan.FromMilliseconds(50);

        public async ValueTask<string?> CheckAsync(CancellationToken cancellationToken = default)
        {
            await new TaskCompletionSource().Task;
            return null;
        }
    }
}
