using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cluster.Api.Errors;
using Cluster.Api.Validation;
using Cluster.Engine.Json;
using Cluster.Engine.Limits;
using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>The wish that a run goes on, as it is posted.</summary>
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
        var (fork, regenerate) = (fields.Flag("fork", absent: false), fields.Flag("regenerate", absent: false));
        var replaceOriginal = fields.OptionalFlag("replace_original");
        fields.ThrowIfInvalid();
        var from = ReadPoint(fields.Text("continue_from"));
        var requirements = ReadArray(fields.Text("requirements"), "requirements", EngineJson.Context.ListRunRequirement);
        var tools = ReadArray(fields.Text("tools"), "tools", EngineJson.Context.ListToolExecution) is { Count: > 0 } posted
            ? posted
            : [.. requirements.Select(requirement => requirement.ToAnswer())];
        var sessionId = fields.Text("session_id") ?? throw ApiException.BadRequest("session_id is required for this action");
        var userId = fields.Text("user_id");
        var continuation = new RunContinuation(runId, [.. tools])
        {
            Requirements = requirements.Count == 0 ? null : [.. requirements],
            By = userId,
            From = from,
            Fork = fork,
            Regenerate = regenerate,
            ReplaceOriginal = replaceOriginal,
            Input = fields.Text("input"),
            AdditionalInstructions = fields.Text("additional_instructions"),
            Streamed = stream,
        };
        http.Limits().Demand(continuation);
        return new ContinueForm(continuation, sessionId, userId, stream ? new EventView(showAll, WithIndex: background) : null);
    }

    private static ContinuationPoint ReadPoint(string? text) => text switch
    {
        null or "end" => ContinuationPoint.End,
        "last_user" => ContinuationPoint.LastUser,
        _ when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) => ContinuationPoint.At(count),
        _ => throw ApiException.BadRequest("Invalid continue_from. Use 'end', 'last_user', or a numeric message index."),
    };

    private static List<T> ReadArray<T>(string? text, string field, JsonTypeInfo<List<T>> type)
    {
        if (text is null)
        {
            return [];
        }

        JsonElement json;
        try
        {
            json = StrictJson.Parse(text);
        }
        catch (BrokenJsonException broken)
        {
            throw new ValidationException([broken.ToItem("body", field)]);
        }
        catch (JsonException)
        {
            throw ApiException.BadRequest($"Invalid JSON in {field} field");
        }

        if (LacksValue(json))
        {
            throw ApiException.BadRequest($"Invalid structure or content for {field}: 'value'. Every field of user_input_schema needs one; null leaves it empty.");
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

    /// <summary>A field without a value is a mistake of the client; one with null is the user's answer.</summary>
    private static bool LacksValue(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => json.EnumerateArray().Any(LacksValue),
        JsonValueKind.Object => json.EnumerateObject().Any(member => member.Name switch
        {
            "user_input_schema" => member.Value.ValueKind == JsonValueKind.Array
                && member.Value.EnumerateArray().Any(asked => asked.ValueKind == JsonValueKind.Object && !asked.TryGetProperty("value", out _)),
            "tool_execution" => LacksValue(member.Value),
            _ => false,
        }),
        _ => false,
    };
}
