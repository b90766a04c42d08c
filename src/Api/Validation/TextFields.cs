using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cluster.Api.Validation;

/// <summary>
/// Reads typed values out of the text fields of a form or a query. What does not fit is remembered, so that a refusal names everything at once.
/// A value that is empty counts as not sent.
/// </summary>
/// <param name="place"><c>body</c> or <c>query</c>.</param>
/// <param name="find">Gives the text of a field; null when it was not sent.</param>
internal sealed class TextFields(string place, Func<string, string?> find)
{
    private readonly List<ValidationItem> _items = [];

    public static TextFields Of(IQueryCollection query) => new("query", name => query.TryGetValue(name, out var values) ? values[^1] : null);

    public static TextFields Of(IFormCollection form) => new("body", name => form.TryGetValue(name, out var values) ? values[^1] : null);

    public string? Text(string name) => find(name) is { Length: > 0 } text ? text : null;

    public string RequiredText(string name)
    {
        if (Text(name) is { } text)
        {
            return text;
        }

        Refuse(ValidationItem.Missing(place, name));
        return string.Empty;
    }

    public bool Flag(string name, bool absent) => Text(name) is { } text ? ParseFlag(name, text) : absent;

    /// <summary>Reads a field that overrides a setting: <c>null</c> and <c>none</c> leave it.</summary>
    public bool? OptionalFlag(string name) => OptionalText(name) is { } text ? ParseFlag(name, text) : null;

    public int? Number(string name, int? least = null, int? most = null)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (!int.TryParse(text.AsSpan().Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            Refuse("int_parsing", name, "Input should be a valid integer, unable to parse string as an integer", text);
            return null;
        }

        if (number < least)
        {
            Refuse("greater_than_equal", name, $"Input should be greater than or equal to {least}", text, new JsonObject { ["ge"] = least });
        }

        if (number > most)
        {
            Refuse("less_than_equal", name, $"Input should be less than or equal to {most}", text, new JsonObject { ["le"] = most });
        }

        return number;
    }

    public T? Choice<T>(string name, params ReadOnlySpan<(string Text, T Value)> choices)
        where T : struct
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        var names = new List<string>(choices.Length);
        foreach (var choice in choices)
        {
            if (choice.Text == text)
            {
                return choice.Value;
            }

            names.Add($"'{choice.Text}'");
        }

        var expected = $"{string.Join(", ", names[..^1])} or {names[^1]}";
        Refuse("enum", name, $"Input should be {expected}", text, new JsonObject { ["expected"] = expected });
        return null;
    }

    /// <summary>Reads a field that holds a JSON object; <c>null</c> and <c>none</c> stand for nothing.</summary>
    public JsonElement? Object(string name)
    {
        if (OptionalText(name) is not { } text || ParseJson(name, text) is not { } json)
        {
            return null;
        }

        if (json.ValueKind == JsonValueKind.Object)
        {
            return json;
        }

        Refuse("dict_type", name, "Input should be a valid dictionary", text);
        return null;
    }

    /// <summary>Reads a field that holds a JSON array.</summary>
    public JsonElement? Array(string name)
    {
        if (OptionalText(name) is not { } text || ParseJson(name, text) is not { } json)
        {
            return null;
        }

        if (json.ValueKind == JsonValueKind.Array)
        {
            return json;
        }

        Refuse("list_type", name, "Input should be a valid list", text);
        return null;
    }

    public void Refuse(ValidationItem item) => _items.Add(item);

    public void Refuse(string type, string name, string message, string input, JsonObject? limits = null) =>
        Refuse(new ValidationItem(type, ValidationItem.ToLoc(place, name), message, input, limits));

    /// <summary>Ends the reading.</summary>
    /// <exception cref="ValidationException">Something did not fit.</exception>
    public void ThrowIfInvalid()
    {
        if (_items.Count > 0)
        {
            throw new ValidationException(_items);
        }
    }

    private string? OptionalText(string name) =>
        Text(name) is { } text && !text.Equals("null", StringComparison.OrdinalIgnoreCase) && !text.Equals("none", StringComparison.OrdinalIgnoreCase) ? text : null;

    private JsonElement? ParseJson(string name, string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException error)
        {
            var reason = JsonFields.Describe(error);
            Refuse("json_invalid", name, $"Invalid JSON: {reason}", text, new JsonObject { ["error"] = reason });
            return null;
        }
    }

    private bool ParseFlag(string name, string text)
    {
        switch (text.ToUpperInvariant())
        {
            case "TRUE" or "1" or "YES" or "ON" or "T" or "Y":
                return true;
            case "FALSE" or "0" or "NO" or "OFF" or "F" or "N":
                return false;
            default:
                Refuse("bool_parsing", name, "Input should be a valid boolean, unable to interpret input", text);
                return false;
        }
    }
}
