using System.Text.Encodings.Web;
using System.Text.Json;
using Cluster.Engine.Json;
using Microsoft.Extensions.AI;

namespace Cluster.Providers.Models;

/// <summary>The arguments of tool calls, which models write as text.</summary>
internal static class ToolArguments
{
    /// <summary>The additional property under which the engine looks for the text of arguments that are no JSON object.</summary>
    public const string RawProperty = "arguments";

    /// <summary>The additional property under which the engine keeps what a vendor wants back with a call.</summary>
    public const string ExtraProperty = "extra_content";

    /// <summary>What tools take and give as JSON in one line, unlike the defaults, which indent.</summary>
    public static readonly JsonSerializerOptions Compact = new(AIJsonUtilities.DefaultOptions)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = false,
    };

    /// <summary>Makes a call of what a model wrote. Arguments that are no object are kept as text, beside the reason.</summary>
    /// <param name="callId">The call's id.</param>
    /// <param name="name">The tool's name.</param>
    /// <param name="text">The arguments; empty for none.</param>
    /// <returns>The call.</returns>
    public static FunctionCallContent Read(string callId, string name, string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return new FunctionCallContent(callId, name, new Dictionary<string, object?>());
        }

        try
        {
            var arguments = UniqueMembers.Parse(WellFormedText.OfJson(text));
            return arguments.ValueKind == JsonValueKind.Object
                ? new FunctionCallContent(callId, name, arguments.EnumerateObject()
                    .ToDictionary(member => member.Name, member => (object?)member.Value, StringComparer.Ordinal))
                : Malformed(callId, name, text, new JsonException($"The arguments of {name} are not a JSON object."));
        }
        catch (JsonException unreadable)
        {
            return Malformed(callId, name, text, unreadable);
        }
    }

    /// <summary>Writes the arguments of a call as text.</summary>
    /// <param name="call">The call.</param>
    /// <returns>The model's own text when it could not be read, else JSON.</returns>
    public static string Write(FunctionCallContent call) =>
        call.Exception is not null && call.AdditionalProperties?.TryGetValue(RawProperty, out var raw) == true && raw is string text
            ? text
            : JsonSerializer.Serialize(call.Arguments ?? new Dictionary<string, object?>(), Compact);

    private static FunctionCallContent Malformed(string callId, string name, string text, JsonException reason) => new(callId, name)
    {
        Exception = reason,
        AdditionalProperties = new AdditionalPropertiesDictionary { [RawProperty] = text },
    };
}
