using System.Text.Json;
using Cluster.Engine.Json;

namespace Cluster.Providers.Models.Wire;

/// <summary>What one message says of a call.</summary>
/// <param name="Id">The id; null for none.</param>
/// <param name="Index">The number of the call in the answer; null for none.</param>
/// <param name="Name">The tool, or a part of its name; null for none.</param>
/// <param name="Arguments">A part of the arguments; empty for none.</param>
/// <param name="Extra">What the vendor wants back with the call; undefined for nothing.</param>
internal sealed record WireToolPiece(string? Id, long? Index, string? Name, string Arguments, JsonElement Extra)
{
    /// <summary>Gets a value indicating whether it says nothing.</summary>
    public bool IsNothing => Id is null && Name is null && Arguments.Length == 0 && Extra.ValueKind == JsonValueKind.Undefined;

    /// <summary>Gets a value indicating whether its arguments are the beginning of an object, or one.</summary>
    public bool BeginsObject => Arguments.AsSpan().TrimStart().StartsWith("{");

    private static readonly string[] ArgumentNames = ["arguments", "parameters", "input"];

    public static WireToolPiece Read(JsonElement json)
    {
        var function = WireJson.Member(json, "function") is { ValueKind: JsonValueKind.Object } wrapped ? wrapped : json;
        var arguments = ArgumentNames.Select(name => WireJson.Member(function, name)).FirstOrDefault(value => value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null));
        return new WireToolPiece(
            WireJson.Word(json, "id") ?? WireJson.Word(json, "tool_call_id"),
            WireJson.Count(json, "index"),
            WireJson.Text(function, "name"),
            arguments.ValueKind switch
            {
                JsonValueKind.Undefined => string.Empty,
                JsonValueKind.String => WellFormedText.Read(arguments),
                _ => arguments.GetRawText(),
            },
            WireJson.Member(json, "extra_content") is { ValueKind: JsonValueKind.Object } extra ? extra : default);
    }
}
