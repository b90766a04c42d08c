using System.Collections.Frozen;
using Cluster.Api.Docs;
using Cluster.Api.Errors;
using Cluster.Api.Runs;
using Cluster.Engine.Contents;
using Microsoft.Net.Http.Headers;

namespace Cluster.Api.Sessions;

/// <summary>Shows the content of the pictures, sounds, videos and files of a session, for clients that want it by itself. AgentOS has no such route.</summary>
internal static class SessionMediaEndpoints
{
    private const string Unknown = "application/octet-stream";

    /// <summary>What browsers may show where it stands: none of it can hold scripts.</summary>
    private static readonly FrozenSet<string> Shown = new[] { "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp", "text/plain" }
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static IEndpointRouteBuilder MapSessionMedia(this IEndpointRouteBuilder app)
    {
        app.MapGet("/sessions/{session_id}/media/{key}", GetAsync).Describe("get_session_media", "Sessions", "Show a picture, sound, video or file of a session")
            .WithQuery("type", "user_id", "db_id", "table");
        return app;
    }

    private static async Task GetAsync(
        [FromRoute(Name = "session_id")] string sessionId,
        [FromRoute(Name = "key")] string key,
        HttpContext http,
        SessionDetails sessions,
        SessionScopes scopes,
        MediaContents media)
    {
        if (await sessions.FindAsync(sessionId, scopes.Read(http.Request.Query), http.RequestAborted) is null)
        {
            throw ApiException.NotFound($"Session with ID {sessionId} not found");
        }

        var found = await media.FindAsync(sessionId, key, http.RequestAborted);
        var content = found is null ? null : await media.OpenAsync(found.Sha256, http.RequestAborted);
        if (content is null)
        {
            throw ApiException.NotFound($"Media with key {key} not found in session {sessionId}");
        }

        var type = TypeOf(found!.MimeType);
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        headers.CacheControl = "private, no-cache";
        headers.ContentDisposition = $"{(IsShown(type) ? "inline" : "attachment")}; filename=\"{NameOf(found.Sha256, type)}\"";
        await TypedResults.Stream(
            content,
            MediaTypes.IsText(type.MediaType.Value!) ? $"{type.MediaType}; charset=utf-8" : type.MediaType.Value,
            entityTag: new EntityTagHeaderValue($"\"{found.Sha256}\""),
            enableRangeProcessing: true).ExecuteAsync(http);
    }

    /// <summary>Whoever sent the content said what it is: what is none of the types that there are is just bytes.</summary>
    private static MediaTypeHeaderValue TypeOf(string? sent) =>
        MediaTypeHeaderValue.TryParse(sent, out var type) && !type.MatchesAllTypes && !type.MatchesAllSubTypes ? type : new MediaTypeHeaderValue(Unknown);

    private static bool IsShown(MediaTypeHeaderValue type) =>
        Shown.Contains(type.MediaType.Value!) || type.Type.Equals("audio", StringComparison.OrdinalIgnoreCase) || type.Type.Equals("video", StringComparison.OrdinalIgnoreCase);

    /// <summary>The name under which a file was uploaded may be anything; this one is safe.</summary>
    private static string NameOf(string sha256, MediaTypeHeaderValue type)
    {
        var format = type.SubType.Value!;
        return format.All(char.IsAsciiLetterOrDigit) ? $"{sha256[..16]}.{format.ToLowerInvariant()}" : sha256[..16];
    }
}
