using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Cluster.Providers.Tests.Toolkits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Cluster.Providers.Tests.Mcp;

/// <summary>An MCP server that answers nobody without a token, and the authorization server that it names, both at one address on loopback.</summary>
public sealed class McpLoginServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, string[]> _clients = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Grant> _codes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _access = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _refresh = new(StringComparer.Ordinal);
    private ToolkitServer _server = null!;

    /// <summary>Gets the MCP server's address.</summary>
    public Uri Url => new(_server.Url + "/mcp");

    /// <summary>Gets every secret that was ever given out.</summary>
    public ConcurrentQueue<string> Secrets { get; } = new();

    /// <summary>Gets how many applications were registered, and how many times a user was sent to the page.</summary>
    public (int Clients, int Pages) Counts => (_clients.Count, _server.Requests.Count(request => request.Route.StartsWith("GET /authorize", StringComparison.Ordinal)));

    /// <summary>Gets or sets how long access tokens are said to hold, in seconds.</summary>
    public int ExpiresIn { get; set; } = 3_600;

    public static async Task<McpLoginServer> StartAsync()
    {
        var login = new McpLoginServer();
        login._server = await McpHttpServer.StartAsync(login.Map);
        return login;
    }

    /// <summary>Opens a page as a browser does whose user agrees, and gives the address that it is sent back to.</summary>
    public static async Task<Uri> AgreeAsync(string page)
    {
        using var handler = new HttpClientHandler { AllowAutoRedirect = false, CheckCertificateRevocationList = true };
        using var browser = new HttpClient(handler);
        using var response = await browser.GetAsync(new Uri(page), TestContext.Current.CancellationToken);
        return response.Headers.Location ?? throw new InvalidOperationException($"The page says {response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
    }

    /// <summary>Lets all access tokens count for nothing from now on.</summary>
    public void Revoke() => _access.Clear();

    /// <summary>Lets all tokens count for nothing from now on.</summary>
    public void RevokeAll()
    {
        _access.Clear();
        _refresh.Clear();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private void Map(WebApplication app)
    {
        app.Use(DemandTokenAsync);
        app.MapGet("/.well-known/oauth-protected-resource/mcp", context => context.Response.WriteAsJsonAsync(
            new { resource = BaseOf(context) + "/mcp", authorization_servers = new[] { BaseOf(context) } }, context.RequestAborted));
        app.MapGet("/.well-known/oauth-authorization-server", context => context.Response.WriteAsJsonAsync(
            new
            {
                issuer = BaseOf(context),
                authorization_endpoint = BaseOf(context) + "/authorize",
                token_endpoint = BaseOf(context) + "/token",
                registration_endpoint = BaseOf(context) + "/register",
                response_types_supported = new[] { "code" },
                grant_types_supported = new[] { "authorization_code", "refresh_token" },
                token_endpoint_auth_methods_supported = new[] { "none" },
                code_challenge_methods_supported = new[] { "S256" },
                authorization_response_iss_parameter_supported = true,
            },
            context.RequestAborted));
        app.MapPost("/register", RegisterAsync);
        app.MapGet("/authorize", AuthorizeAsync);
        app.MapPost("/token", GiveTokensAsync);
    }

    private static string BaseOf(HttpContext context) => $"{context.Request.Scheme}://{context.Request.Host}";

    private Task DemandTokenAsync(HttpContext context, RequestDelegate next)
    {
        var isAllowed = context.Request.Path != "/mcp" || _access.ContainsKey(context.Request.Headers.Authorization.ToString().Replace("Bearer ", string.Empty, StringComparison.Ordinal));
        if (isAllowed)
        {
            return next(context);
        }

        context.Response.Headers.WWWAuthenticate = $"Bearer resource_metadata=\"{BaseOf(context)}/.well-known/oauth-protected-resource/mcp\"";
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }

    private async Task RegisterAsync(HttpContext context)
    {
        using var asked = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        var client = NewSecret("client");
        _clients[client] = [.. asked.RootElement.GetProperty("redirect_uris").EnumerateArray().Select(uri => uri.GetString()!)];
        context.Response.StatusCode = StatusCodes.Status201Created;
        await context.Response.WriteAsJsonAsync(
            new { client_id = client, redirect_uris = _clients[client], token_endpoint_auth_method = "none", grant_types = new[] { "authorization_code", "refresh_token" } },
            context.RequestAborted);
    }

    private Task AuthorizeAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var (client, redirect) = (query["client_id"].ToString(), query["redirect_uri"].ToString());
        if (!_clients.TryGetValue(client, out var allowed) || !allowed.Contains(redirect) || query["code_challenge_method"] != "S256" || query["response_type"] != "code"
            || query["resource"] != BaseOf(context) + "/mcp")
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return context.Response.WriteAsync(context.Request.QueryString.ToString(), context.RequestAborted);
        }

        var code = NewSecret("code");
        _codes[code] = new Grant(client, redirect, query["code_challenge"].ToString());
        context.Response.Redirect(QueryHelpers.AddQueryString(redirect, new Dictionary<string, string?> { ["code"] = code, ["state"] = query["state"], ["iss"] = BaseOf(context) }));
        return Task.CompletedTask;
    }

    private async Task GiveTokensAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (!(form["grant_type"] == "refresh_token" ? _refresh.TryRemove(form["refresh_token"].ToString(), out var client) && client == form["client_id"] : Spend(form)))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsJsonAsync(new { error = "invalid_grant" }, context.RequestAborted);
            return;
        }

        var (access, refresh) = (NewSecret("access"), NewSecret("refresh"));
        _access[access] = true;
        _refresh[refresh] = form["client_id"].ToString();
        await context.Response.WriteAsJsonAsync(new { access_token = access, token_type = "Bearer", expires_in = ExpiresIn, refresh_token = refresh }, context.RequestAborted);
    }

    private bool Spend(IFormCollection form)
    {
        var challenge = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        return form["grant_type"] == "authorization_code" && _codes.TryRemove(form["code"].ToString(), out var grant)
            && grant == new Grant(form["client_id"].ToString(), form["redirect_uri"].ToString(), challenge);
    }

    private string NewSecret(string kind)
    {
        var secret = $"{kind}-{Guid.NewGuid():N}";
        if (kind != "client")
        {
            Secrets.Enqueue(secret);
        }

        return secret;
    }

    private sealed record Grant(string Client, string Redirect, string Challenge);
}
