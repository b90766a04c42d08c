using System.Net;
using Cluster.Engine.Errors;
using Cluster.Hosting.Health;
using Cluster.Hosting.Start;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cluster.Hosting.Tests;

[Collection(nameof(TelemetryTests))]
public sealed class BackgroundStartTests
{
    [Fact]
    public async Task A_process_listens_and_says_what_it_waits_for_while_its_services_start()
    {
        var gate = new Gate();
        await using var app = Build(gate, services => services.AddReadinessCheck<AwayCheck>());
        await app.StartAsync(Patience.Token);
        using var client = app.NewClient();

        Assert.Equal((HttpStatusCode.OK, """{"status":"live"}"""), await AskAsync(client, "live"));
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, """{"status":"not ready","not_ready":{"process":"starting","store":"not available"}}"""),
            await AskAsync(client, "ready"));
    }

    [Fact]
    public async Task A_process_is_ready_when_its_services_have_started_in_their_order()
    {
        var steps = new List<string>();
        var gate = new Gate();
        await using var app = Build(gate, services => services.AddSingleton<IHostedService>(new Noted("first", steps)).AddSingleton<IHostedService>(new Noted("second", steps)));
        await app.StartAsync(Patience.Token);
        using var client = app.NewClient();

        Assert.Empty(steps);
        gate.Opened.SetResult();
        Assert.True(await Start(app).WaitAsync().WaitAsync(Patience.Token));
        var ready = await AskAsync(client, "ready");
        await app.StopAsync(Patience.Token);

        Assert.Equal((HttpStatusCode.OK, """{"status":"ready"}"""), ready);
        Assert.Equal(["first starts", "second starts", "second stops", "first stops"], steps);
    }

    [Fact]
    public async Task A_process_that_is_asked_to_stop_waits_no_longer_for_what_it_had_started()
    {
        var gate = new Gate();
        await using var app = Build(gate);
        await app.StartAsync(Patience.Token);

        await app.StopAsync(Patience.Token);

        Assert.False(await Start(app).WaitAsync());
        Start(app).ThrowIfFailed();
    }

    [Fact]
    public async Task A_service_that_cannot_start_ends_the_process_with_its_reason()
    {
        var gate = new Gate();
        var steps = new List<string>();
        await using var app = Build(gate, services => services.AddSingleton<IHostedService>(new Noted("later", steps)));
        await app.StartAsync(Patience.Token);

        gate.Opened.SetException(new ConflictException("The database is older."));
        await app.WaitForShutdownAsync(Patience.Token);

        Assert.False(await Start(app).WaitAsync());
        Assert.Equal("The database is older.", Assert.Throws<ConflictException>(Start(app).ThrowIfFailed).Message);
        Assert.Empty(steps);
    }

    [Fact]
    public async Task A_service_that_fails_at_its_work_ends_the_process_as_it_would_without_a_start_in_the_background()
    {
        var work = new Work();
        var gate = new Gate();
        gate.Opened.SetResult();
        await using var app = Build(gate, services => services.AddHostedService(_ => work));
        await app.StartAsync(Patience.Token);
        Assert.True(await Start(app).WaitAsync().WaitAsync(Patience.Token));

        work.End.SetException(new InvalidOperationException("broken"));
        await app.WaitForShutdownAsync(Patience.Token);

        Assert.Equal("broken", Assert.Throws<InvalidOperationException>(Start(app).ThrowIfFailed).Message);
    }

    private static WebApplication Build(Gate gate, Action<IServiceCollection>? configure = null) => TestHost.Build(builder =>
    {
        builder.Services.AddHostedService(_ => gate);
        configure?.Invoke(builder.Services);
        builder.Services.StartInBackground();
    });

    private static BackgroundStart Start(WebApplication app) => app.Services.GetRequiredService<BackgroundStart>();

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(HttpClient client, string what)
    {
        using var answer = await client.GetAsync(new Uri($"/health/{what}", UriKind.Relative), Patience.Token);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Patience.Token));
    }

    /// <summary>Holds up those that start after it.</summary>
    private sealed class Gate : IHostedService
    {
        public TaskCompletionSource Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task StartAsync(CancellationToken cancellationToken) => Opened.Task.WaitAsync(cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class Noted(string name, List<string> steps) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => NoteAsync("starts");

        public Task StopAsync(CancellationToken cancellationToken) => NoteAsync("stops");

        private Task NoteAsync(string what)
        {
            steps.Add($"{name} {what}");
            return Task.CompletedTask;
        }
    }

    private sealed class Work : BackgroundService
    {
        public TaskCompletionSource End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override Task ExecuteAsync(CancellationToken stoppingToken) => End.Task;
    }

    private sealed class AwayCheck : IReadinessCheck
    {
        public string Name => "store";

        public ValueTask<string?> CheckAsync(CancellationToken cancellationToken = default) => throw new UnavailableException("PostgreSQL at secret:5432 cannot be reached.");
    }
}
