using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cluster.Api.Tests;

/// <summary>The API over the real engine with scripted models and a clock that stands still. Where the engine runs is up to the project's <see cref="Backend"/>.</summary>
internal sealed partial class TestApi : IAsyncDisposable
{
    private static readonly ImmutableArray<Agent> Agents = [.. TestAgents.Create()];

    private readonly WebApplication _app;
    private readonly Backend _backend;

    private TestApi(WebApplication app, Backend backend, HttpClient client)
    {
        _app = app;
        _backend = backend;
        Client = client;
    }

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public static Task<TestApi> StartAsync(
        Action<IServiceCollection>? configure = null, Action<AgentOsOptions>? options = null, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Configuration.AddInMemoryCollection(settings);
        return StartAsync(builder, app => app.GetTestClient(), configure, options);
    }

    /// <summary>Serves over the loopback network, for what only a real server does.</summary>
    public static Task<TestApi> StartOnNetworkAsync(
        Action<AgentOsOptions>? options = null, Action<IServiceCollection>? configure = null, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(settings);
        return StartAsync(builder, app => new HttpClient { BaseAddress = new Uri(app.Urls.First()) }, configure, options);
    }

    private static async Task<TestApi> StartAsync(
        WebApplicationBuilder builder, Func<WebApplication, HttpClient> connect, Action<IServiceCollection>? configure, Action<AgentOsOptions>? options)
    {
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(new StoppedTime());
        var backend = await Backend.AddAsync(builder, Agents, configure);
        builder.Services.AddAgentOsApi(os =>
        {
            (os.Id, os.Name, os.Description, os.DatabaseId) = ("demo-os", "Demo OS", "Reference AgentOS for recordings", "demo-db");
            options?.Invoke(os);
        });
        var app = builder.Build();
        app.MapAgentOs();
        app.MapGet("/broken", object () => throw new InvalidOperationException("a secret of the server"));
        app.MapGet("/away", object () => throw new UnavailableException("PostgreSQL at secret:5432 cannot be reached."));
        app.MapGet("/stopping", object () => throw new UnavailableException("The server is stopping.") { IsForCallers = true });
        await app.StartAsync(Stop);
        return new TestApi(app, backend, connect(app));
    }

    public async Task<string> GetAsync(string path) => await Client.GetStringAsync(path, Stop);

    /// <summary>Sends a request and gives status and body, ids and call ids made equal.</summary>
    public async Task<string> SendAsync(HttpMethod method, string path, HttpContent? body = null) => Normalize(await SendRawAsync(method, path, body));

    public async Task<string> SendRawAsync(HttpMethod method, string path, HttpContent? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        using var response = await Client.SendAsync(request, Stop);
        return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Stop)}";
    }

    public Task<string> PostAsync(string path, params (string Key, string Value)[] form) => SendAsync(HttpMethod.Post, path, Form(form));

    /// <summary>Starts a run without a stream and gives its answer.</summary>
    public async Task<JsonElement> RunAsync(string agentId, params (string Key, string Value)[] form)
    {
        using var response = await Client.PostAsync($"/agents/{agentId}/runs", Form([("stream", "false"), ("message", "Hi"), .. form]), Stop);
        return JsonElement.Parse(await response.Content.ReadAsStringAsync(Stop));
    }

    public static FormUrlEncodedContent Form(params (string Key, string Value)[] form) =>
        new(form.Select(field => KeyValuePair.Create(field.Key, field.Value)));

    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    public static MultipartFormDataContent Upload(byte[] content, string fileName, string? type)
    {
        var file = new ByteArrayContent(content);
        file.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);
        return new MultipartFormDataContent { { new StringContent("Hi"), "message" }, { new StringContent("false"), "stream" }, { file, "files", fileName } };
    }

    public static string Normalize(string text) => CallId().Replace(Uuid().Replace(text, "<id>"), "<call>");

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        await _backend.DisposeAsync();
    }

    public static Agent Scripted(string id, string name, Script script) => TestAgents.Scripted(id, name, script);

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[478][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")]
    private static partial Regex Uuid();

    [GeneratedRegex("call_[0-9a-f]{24}")]
    private static partial Regex CallId();
}
