using Cluster.Engine.Errors;
using Cluster.Providers.Mcp;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Cluster.Standalone;

/// <summary>Where the users' browsers come back to from the pages on which they log in to MCP servers.</summary>
internal static class LoginCallback
{
    private const string Path = "/mcp/oauth/callback";

    /// <summary>Gives the address that pages send browsers back to.</summary>
    public static Uri AddressOf(StandaloneOptions options)
    {
        if (options.LoginCallbackUrl is { } configured)
        {
            return configured is { IsAbsoluteUri: true, Scheme: "http" or "https" }
                ? configured
                : throw new InvalidRequestException($"'{StandaloneOptions.SectionName}:{nameof(StandaloneOptions.LoginCallbackUrl)}' is no HTTP address. Write one that browsers reach, or leave it out.");
        }

        // Browsers come to this machine by a name, wherever the server listens.
        var listening = BindingAddress.Parse(options.Url.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[0]);
        var host = listening.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : listening.Host;
        return Uri.TryCreate($"{listening.Scheme}://{host}:{listening.Port}{Path}", UriKind.Absolute, out var address) ? address : new Uri($"http://localhost{Path}");
    }

    /// <summary>Maps the route. It is nobody's API, so no document describes it.</summary>
    public static void MapLoginCallback(this IEndpointRouteBuilder app) => app.MapGet(Path, TakeAsync).ExcludeFromDescription();

    private static async Task<ContentHttpResult> TakeAsync(HttpContext http, string? state, string? code, string? iss, McpLogins logins)
    {
        // The address of this page holds a code, which is spent by now and is nobody else's business all the same.
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        return await logins.CompleteAsync(new McpLoginAnswer(state, code, iss), http.RequestAborted)
            ? Page("You are logged in. Close this page and go on where you were.", StatusCodes.Status200OK)
            : Page("The login did not work, or took too long. Close this page and ask again for what needs it.", StatusCodes.Status400BadRequest);
    }

    private static ContentHttpResult Page(string text, int status) =>
        TypedResults.Content($"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Login</title><p>{text}</p></html>", "text/html; charset=utf-8", statusCode: status);
}
