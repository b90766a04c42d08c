using System.Collections.Concurrent;
using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Tests.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

[assembly: AssemblyFixture(typeof(Cluster.Tests.Api.ApiCluster))]

namespace Cluster.Tests.Api;

/// <summary>The cluster of processes behind the API's tests, started by the first of them. Models that tests bring along are served to its silos.</summary>
public sealed class ApiCluster : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, IChatClient> _models = new(StringComparer.Ordinal);
    private readonly Lazy<Task<LocalCluster>> _cluster;
    private WebApplication? _speech;

    public ApiCluster() => _cluster = new Lazy<Task<LocalCluster>>(StartAsync);

    internal Task<LocalCluster> Cluster => _cluster.Value;

    /// <summary>Lets the silos ask the model of a test's agent.</summary>
    internal void Add(Agent agent) => _models[agent.AgentId] = agent.Model!.Model!.Client;

    public async ValueTask DisposeAsync()
    {
        if (_cluster.IsValueCreated && !_cluster.Value.IsFaulted)
        {
            await (await _cluster.Value).DisposeAsync();
        }

        await (_speech?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private async Task<LocalCluster> StartAsync()
    {
        ClusterSettings.SkipWithoutServer();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _speech = builder.Build();
        _speech.MapPost("/{agentId}", SpeakAsync);
        await _speech.StartAsync();
        return await LocalCluster.StartAsync(new Dictionary<string, string> { ["Speech__Url"] = _speech.Urls.First() });
    }

    private async Task SpeakAsync(string agentId, HttpContext http)
    {
        var messages = await JsonSerializer.DeserializeAsync<ChatMessage[]>(http.Request.Body, AIJsonUtilities.DefaultOptions, http.RequestAborted);
        await http.Response.StartAsync(http.RequestAborted);
        await foreach (var update in _models[agentId].GetStreamingResponseAsync(messages!, cancellationToken: http.RequestAborted))
        {
            await http.Response.WriteAsync(JsonSerializer.Serialize(update, AIJsonUtilities.DefaultOptions).ReplaceLineEndings(string.Empty) + "\n", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }
    }
}
