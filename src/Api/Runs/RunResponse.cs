using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cluster.Api.Json;
using Cluster.Api.Teams;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>A run in lists: the second shape that clients know beside <see cref="RunOutput"/>, with empty values instead of missing ones.</summary>
[JsonConverter(typeof(RunResponseConverter))]
internal abstract record RunResponse : ISchema
{
    /// <summary>Gives a run in the shape of its kind.</summary>
    public static RunResponse Of(RunOutput run, ImmutableArray<RunEvent> events) => run.TeamId is null ? AgentRunResponse.Of(run, events) : TeamRunResponse.Of(run, events);

    protected static string Known(string? text) => text ?? string.Empty;

    protected static ImmutableArray<T>? NotEmpty<T>(ImmutableArray<T>? items) => items is { IsEmpty: false } ? items : null;
}

/// <summary>Writes runs in the shapes of their kinds: their members stand in different orders.</summary>
internal sealed class RunResponseConverter : JsonConverter<RunResponse>
{
    /// <inheritdoc/>
    public override RunResponse Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Lists of runs are only written.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, RunResponse value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, options.GetTypeInfo(value.GetType()));
}

/// <summary>What came with the message of a run.</summary>
/// <param name="Images">The pictures.</param>
/// <param name="Videos">The videos.</param>
/// <param name="Audios">The sounds.</param>
/// <param name="Files">The files.</param>
internal sealed record InputMedia(ImmutableArray<Media> Images, ImmutableArray<Media> Videos, ImmutableArray<Media> Audios, ImmutableArray<Media> Files)
{
    public static InputMedia Of(RunInput? input) => new(input?.Images ?? [], input?.Videos ?? [], input?.Audios ?? [], input?.Files ?? []);
}
