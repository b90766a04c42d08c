using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cluster.Api.Errors;
using Cluster.Api.Validation;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Api.Runs;

/// <summary>A human's answers to a paused run, as they are posted.</summary>
/// <param name="Continuation">What the engine is told.</param>
/// <param name="SessionId">The session that the caller takes the run's for.</param>
/// <param name="UserId">The user; null when nobody is named.</param>
/// <param name="View">How the events are shown; null when the whole answer is asked for at once.</param>
internal sealed record ContinueForm(RunContinuation Continuation, string SessionId, string? UserId, EventView? View)
{
    public static async Task<ContinueForm> ReadAsync(HttpRequest http, string runId)
    {
        var fields = TextFields.Of(await FormBody.ReadAsync(http));
        var stream = fields.Flag("stream", absent: true);
        var background = fields.Flag("background", absent: false);
        var showAll = fields.OptionalFlag("stream_events") ?? true;
        var isOtherKind = fields.Flag("fork", absent: false) | fields.Flag("regenerate", absent: false);
        fields.ThrowIfInvalid();
        RefuseOtherKinds(fields, isOtherKind);
        var tools = ReadTools(fields.Text("tools")) is { Count: > 0 } posted ? posted : ReadRequirements(fields.Text("requirements"));
        var sessionId = fields.Text("session_id") ?? throw ApiException.BadRequest("session_id is required for this action");
        var userId = fields.Text("user_id");
        return new ContinueForm(
            new RunContinuation(runId, [.. tools]) { By = userId }, sessionId, userId, stream ? new EventView(showAll, WithIndex: background) : null);
    }

    /// <summary>Continuing in another way than by answering a pause is refused, because ignoring it would do something else than was asked for.</summary>
    private static void RefuseOtherKinds(TextFields fields, bool isOtherKind)
    {
        if (fields.Text("continue_from") is { } from && from is not ("end" or "last_user") && !int.TryParse(from, out _))
        {
            throw ApiException.BadRequest("Invalid continue_from. Use 'end', 'last_user', or a numeric message index.");
        }

        if (isOtherKind || fields.Text("continue_from") is not (null or "end") || fields.Text("input") is not null || fields.Text("additional_instructions") is not null)
        {
            throw ApiException.BadRequest(
                "Only paused runs can be continued here: fork, regenerate, continue_from, input and additional_instructions are not supported. Start a new run in the session instead.");
        }
    }

    private static List<ToolExecution> ReadTools(string? text) => ReadArray(text, "tools", EngineJson.Context.ListToolExecution);

    /// <summary>What a run requires can be sent back in place of its tools, as teams do.</summary>
    private static List<ToolExecution> ReadRequirements(string? text) =>
        [.. ReadArray(text, "requirements", EngineJson.Context.ListRunRequirement).Select(requirement => requirement.ToAnswer())];

    private static List<T> ReadArray<T>(string? text, string field, JsonTypeInfo<List<T>> type)
    {
        if (text is null)
        {
            return [];
        }

        JsonElement json;
        try
        {
            json = JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            throw ApiException.BadRequest($"Invalid JSON in {field} field");
        }

        try
        {
            var items = json.Deserialize(type);
            return items is null || items.Exists(item => item is null) ? throw new JsonException($"null is none of the {field}") : items;
        }
        catch (JsonException error)
        {
            // The exception's own message names our types.
            throw ApiException.BadRequest(
                $"Invalid structure or content for {field}: {error.Path ?? "$"} does not fit. Send back an array of the run's own {field} with the answers filled in.");
        }
    }
}
