using System.Collections.Immutable;
using Cluster.Api.Errors;
using Cluster.Api.Validation;
using Cluster.Engine.Contents;
using Cluster.Engine.Limits;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>A request to run an agent or team, as it is posted. Fields that are not known are ignored.</summary>
/// <param name="Request">What the engine is asked for.</param>
/// <param name="View">How the events are shown; null when the whole answer is asked for at once.</param>
/// <param name="Background">Whether nobody waits for the answer.</param>
internal sealed record RunForm(RunRequest Request, EventView? View, bool Background)
{
    private const string IdempotencyHeader = "Idempotency-Key";
    private const int MaxKeyLength = 255;

    public static async Task<RunForm> ReadAsync(HttpRequest http, RunRoute route)
    {
        var form = await FormBody.ReadAsync(http);
        var fields = TextFields.Of(form);
        var uploads = await Uploads.ReadAsync(form, http.HttpContext.RequestServices.GetRequiredService<MediaContents>(), http.HttpContext.RequestAborted);
        var stream = fields.Flag("stream", absent: true);
        var background = fields.Flag("background", absent: false);
        var showAll = fields.OptionalFlag("stream_events") ?? true;
        var request = new RunRequest
        {
            RunId = Guid.CreateVersion7().ToString(),
            SessionId = fields.Id("session_id", ClientId.Session) ?? Guid.CreateVersion7().ToString(),
            AgentId = route.ComponentId,
            ComponentType = route.Kind.Type,
            Input = ToInput(fields, uploads),
            UserId = fields.Id("user_id", ClientId.Other),
            DefinitionVersion = fields.Number("version"),
            SessionState = fields.Object("session_state"),
            Dependencies = fields.Object("dependencies"),
            Metadata = fields.Object("metadata"),
            Overrides = ToOverrides(fields),
            WhenBusy = ToWhenBusy(fields),
            IdempotencyKey = ToIdempotencyKey(http),
            Streamed = stream,
        };
        fields.ThrowIfInvalid();
        http.Limits().Demand(request);

        // Files go into the media store only when nothing else is wrong.
        request = request with { Input = await uploads.PutAsync(request.Input, http.HttpContext.RequestAborted) };
        return new RunForm(request, stream ? new EventView(showAll, WithIndex: background) : null, background);
    }

    private static RunInput ToInput(TextFields fields, Uploads uploads)
    {
        var input = new RunInput
        {
            InputContent = fields.Text("message") ?? string.Empty,
            Images = ToMedia(uploads.Images, MediaFields.Read(fields, "images")),
            Videos = ToMedia(uploads.Videos, MediaFields.Read(fields, "videos")),
            Audios = ToMedia(uploads.Audios, MediaFields.Read(fields, "audio")),
            Files = ToMedia(uploads.Files, MediaFields.Read(fields, "input_files")),
        };
        var hasMedia = input.Images is not null || input.Videos is not null || input.Audios is not null || input.Files is not null;
        if (fields.Text("message") is null || (string.IsNullOrWhiteSpace(input.InputContent.Text) && !hasMedia))
        {
            fields.Refuse(ValidationItem.Missing("body", "message"));
        }

        return input;
    }

    private static ImmutableArray<Media>? ToMedia(List<Media> uploaded, IReadOnlyList<Media> named) =>
        uploaded.Count + named.Count == 0 ? null : [.. uploaded, .. named];

    private static RunOverrides ToOverrides(TextFields fields) => new()
    {
        AddHistoryToContext = fields.OptionalFlag("add_history_to_context"),
        AddDependenciesToContext = fields.OptionalFlag("add_dependencies_to_context"),
        AddSessionStateToContext = fields.OptionalFlag("add_session_state_to_context"),
        OutputSchema = fields.Object("output_schema"),
        ModelParameters = ModelParametersField.Read(fields),
    };

    private static WhenBusy ToWhenBusy(TextFields fields) =>
        fields.Choice("when_busy", ("queue", WhenBusy.Queue), ("reject", WhenBusy.Reject), ("interrupt", WhenBusy.Interrupt)) ?? WhenBusy.Queue;

    private static string? ToIdempotencyKey(HttpRequest http)
    {
        if (!http.Headers.TryGetValue(IdempotencyHeader, out var values))
        {
            return null;
        }

        var key = values.ToString();
        return key.Length is > 0 and <= MaxKeyLength && StrictJson.IsWhole(key) && !key.Contains('\0', StringComparison.Ordinal)
            ? key
            : throw ApiException.BadRequest($"The header {IdempotencyHeader} must hold 1 to {MaxKeyLength} characters.");
    }
}
