using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cluster.Api.Validation;

/// <summary>
/// Reads typed values out of the text fields of a form or a query. What does not fit is remembered, so that a refusal names everything at once.
/// An empty value of a form counts as not sent; in a query it is a value, which fits no number and no choice, as in AgentOS.
/// </summary>
/// <param name="place"><c>body</c> or <c>query</c>.</param>
/// <param name="find">Gives the text of a field; null when it was not sent.</param>
internal sealed class TextFields(string place, Func<string, string?> find)
{
    private const string Query = "query";

    /// <summary>Reading a number takes the longer the more digits it has, and no number here needs so many.</summary>
    private const int MaxDigits = 4_300;

    private readonly List<ValidationItem> _items = [];

    public static TextFields Of(IQueryCollection query) => new(Query, name => query.TryGetValue(name, out var values) ? values[^1] : null);

    public static TextFields Of(IFormCollection form) => new("body", name => form.TryGetValue(name, out var values) ? values[^1] : null);

    public string? Text(string name) => Find(name) is { Length: > 0 } text ? text : null;

    /// <summary>Reads what a query filters by: an empty text is one that nothing has.</summary>
    public string? Filter(string name) => Find(name);

    /// <summary>Reads an id that the client may have made up.</summary>
    public string? Id(string name, ClientId rules)
    {
        var id = Text(name);
        if (id is not null && rules.Refuse(id) is { } reason)
        {
            Refuse(reason.Type, name, reason.Message, id);
        }

        return id;
    }

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

    /// <summary>Reads an integer. One that is too large or too small for anything here is taken as the largest or smallest there is.</summary>
    public int? Number(string name, int? least = null, int? most = null)
    {
        if (Strict(name) is not { } text)
        {
            return null;
        }

        if (text.Length > MaxDigits || !BigInteger.TryParse(text.AsSpan().Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed))
        {
            Refuse("int_parsing", name, "Input should be a valid integer, unable to parse string as an integer", text);
            return null;
        }

        var number = (int)BigInteger.Clamp(parsed, int.MinValue, int.MaxValue);

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
        if (Strict(name) is not { } text)
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

            names.Add(choice.Text);
        }

        RefuseChoice("enum", name, text, [.. names]);
        return null;
    }

    /// <summary>Reads a filter that has to be one of a few texts.</summary>
    public string? Filter(string name, params string[] choices)
    {
        if (Find(name) is { } text && !choices.Contains(text, StringComparer.Ordinal))
        {
            RefuseChoice("literal_error", name, text, choices);
        }

        return Find(name);
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

    private void RefuseChoice(string type, string name, string text, string[] choices)
    {
        var expected = ValidationItem.OneOf(choices);
        Refuse(type, name, $"Input should be {expected}", text, new JsonObject { ["expected"] = expected });
    }

    private string? Strict(string name) => place == Query ? Find(name) : Text(name);

    /// <summary>What half a character makes of a text cannot be kept, nor told in the refusal.</summary>
    private string? Find(string name)
    {
        if (find(name) is { } text && !StrictJson.IsWhole(text))
        {
            throw new ValidationException([BrokenJsonException.Text([]).ToItem(place, name)]);
        }

        return find(name);
    }

    private string? OptionalText(string name) =>
        Text(name) is { } text && !text.Equals("null", StringComparison.OrdinalIgnoreCase) && !text.Equals("none", StringComparison.OrdinalIgnoreCase) ? text : null;

    private JsonElement? ParseJson(string name, string text)
    {
        try
        {
            return StrictJson.Parse(text);
        }
        catch (BrokenJsonException broken)
        {
            Refuse(broken.ToItem(place, name));
            return null;
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
