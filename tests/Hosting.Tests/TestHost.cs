using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cluster.Hosting.Tests;

/// <summary>A host as the product's processes build theirs, with an agent that <c>POST /run</c> runs.</summary>
internal static class TestHost
{
    public static WebApplication Build(Action<WebApplicationBuilder>? configure = null, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Services.AddEngine();
        builder.Services.AddAgent(new Agent { Id = "scout", Name = "Scout", Model = ScriptedModelProvider.Create(new Script { Text = "spoken words" }, "scripted-7") });
        builder.Services.AddOrchestratorHealth();
        builder.AddTelemetry("test-service");
        configure?.Invoke(builder);
        var app = builder.Build();
        app.MapOrchestratorHealth();
        app.MapPost("/run", RunAsync);
        return app;
    }

    /// <summary>Makes a client that is not traced: the callers of real servers live in other processes.</summary>
    public static HttpClient NewClient(this WebApplication app) => new(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = new Uri(app.Urls.First()) };

    private static async Task<string> RunAsync(IRunHost host, CancellationToken cancellationToken)
    {
        var runId = await host.StartAsync(
            new RunRequest { RunId = Guid.NewGuid().ToString(), SessionId = "session-9", AgentId = "scout", Input = new RunInput { InputContent = "asked words" } },
            cancellationToken);
        return (await host.WaitAsync(runId, cancellationToken)).Status.ToString();
    }
}
