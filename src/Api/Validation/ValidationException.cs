using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Cluster.Engine.Errors;

namespace Cluster.Api.Validation;

/// <summary>A request whose values do not fit. All of them are named at once.</summary>
/// <param name="items">What does not fit.</param>
[SuppressMessage("Design", "CA1064:Exceptions should be public", Justification = "It never leaves the assembly: the middleware translates it.")]
internal sealed class ValidationException(IReadOnlyList<ValidationItem> items) : Exception("The request is not valid.")
{
    public IReadOnlyList<ValidationItem> Items { get; } = items;
}

/// <summary>The body of a 422.</summary>
/// <param name="Detail">What does not fit.</param>
internal sealed record ValidationResponse(IReadOnlyList<ValidationItem> Detail);

/// <summary>One value that does not fit.</summary>
/// <param name="Type">The kind of error.</param>
/// <param name="Loc">Where it is: <c>body</c> or <c>query</c>, then the field.</param>
/// <param name="Msg">What is wrong, in words.</param>
/// <param name="Input">The value as it was sent; null when it is missing.</param>
/// <param name="Ctx">What the value was measured against; null for nothing.</param>
internal sealed record ValidationItem(
    string Type,
    JsonArray Loc,
    string Msg,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonNode? Input = null,
    JsonObject? Ctx = null)
{
    public static ValidationItem Missing(params ReadOnlySpan<string> loc) => new("missing", ToLoc(loc), "Field required");

    /// <summary>Says that a field is too large, without repeating it.</summary>
    public static ValidationItem TooLarge(TooLargeException large) => new("too_long", ToLoc("body", large.Field), large.Message, Ctx: new JsonObject
    {
        ["unit"] = large.Unit,
        ["max_length"] = large.Limit,
        ["actual_length"] = large.Size,
        ["option"] = large.Option,
    });

    /// <summary>Lists what a value may be, as messages do: <c>'a', 'b' or 'c'</c>.</summary>
    public static string OneOf(params ReadOnlySpan<string> choices) =>
        choices.IsEmpty ? string.Empty : $"{string.Join(", ", choices[..^1].ToArray().Select(choice => $"'{choice}'"))}{(choices.Length > 1 ? " or " : string.Empty)}'{choices[^1]}'";

    public static JsonArray ToLoc(params ReadOnlySpan<string> loc)
    {
        var array = new JsonArray();
        foreach (var part in loc)
        {
            array.Add((JsonNode)part);
        }

        return array;
    }
}
