using System.Globalization;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cluster.Benchmarks;

/// <summary>What requests allocate: the API in this process, called without a network. The numbers include what the call itself needs.</summary>
internal static class RequestAllocations
{
    private const int Calls = 3000;

    public static async Task MeasureAsync(CancellationToken cancellationToken)
    {
        await using var app = await StartAsync(cancellationToken);
        var server = app.GetTestServer();
        (string Name, string Method, string Path, string? Form)[] requests =
        [
            ("GET /health", "GET", "/health", null),
            ("GET /agents", "GET", "/agents", null),
            ("run, not streamed", "POST", $"/agents/{Harness.AgentId}/runs", "message=Hello&stream=false"),
            ("run, streamed", "POST", $"/agents/{Harness.AgentId}/runs", "message=Hello&stream=true"),
            ("GET /sessions (20 of some 12,000)", "GET", "/sessions", null),
        ];
        Console.WriteLine("| request | bytes |");
        Console.WriteLine("|---|---:|");
        foreach (var request in requests)
        {
            await CallAsync(server, request.Method, request.Path, request.Form, cancellationToken);
            var before = GC.GetTotalAllocatedBytes();
            await CallAsync(server, request.Method, request.Path, request.Form, cancellationToken);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {request.Name} | {(GC.GetTotalAllocatedBytes() - before) / Calls:N0} |"));
        }
    }

    private static async Task<WebApplication> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddEngine().AddAgentOsApi();
        builder.Services.AddAgent(new Agent
        {
            Name = Harness.AgentId,
            Model = ScriptedModelProvider.Create(new Script { Text = "A short answer.", Deltas = 4 }),
        });
        var app = builder.Build();
        app.MapAgentOs();
        await app.StartAsync(cancellationToken);
        return app;
    }

    private static async Task CallAsync(TestServer server, string method, string path, string? form, CancellationToken cancellationToken)
    {
        var body = form is null ? [] : System.Text.Encoding.ASCII.GetBytes(form);
        for (var i = 0; i < Calls; i++)
        {
            var context = await server.SendAsync(
                http =>
                {
                    http.Request.Method = method;
                    http.Request.Path = path;
                    http.Request.ContentType = form is null ? null : "application/x-www-form-urlencoded";
                    http.Request.ContentLength = form is null ? null : body.Length;
                    http.Request.Body = new MemoryStream(body, writable: false);
                },
                cancellationToken);
            await context.Response.Body.CopyToAsync(Stream.Null, cancellationToken);
            if (context.Response.StatusCode != StatusCodes.Status200OK)
            {
                throw new InvalidOperationException($"{method} {path} answered {context.Response.StatusCode}.");
            }
        }
    }
}
