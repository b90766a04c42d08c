using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cluster.Api.Validation;

/// <summary>Reads typed values out of a JSON body. What does not fit is remembered, so that a refusal names everything at once.</summary>
internal sealed class JsonFields
{
    private readonly List<ValidationItem> _items = [];
    private readonly JsonElement _body;

    private JsonFields(JsonElement body) => _body = body;

    /// <summary>Reads the body of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="isRequired">Whether a request without a body is refused; otherwise it counts as an empty object.</param>
    /// <returns>The fields.</returns>
    /// <exception cref="ValidationException">The body is not a JSON object.</exception>
    public static async Task<JsonFields> ReadAsync(HttpRequest request, bool isRequired)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, request.HttpContext.RequestAborted);
        if (buffer.Length == 0)
        {
            return isRequired ? throw new ValidationException([ValidationItem.Missing("body")]) : new JsonFields(Engine.Json.EngineJson.EmptyObject);
        }

        var body = Parse(buffer.ToArray());
        if (body.ValueKind == JsonValueKind.Null && !isRequired)
        {
            return new JsonFields(Engine.Json.EngineJson.EmptyObject);
        }

        return body.ValueKind == JsonValueKind.Object
            ? new JsonFields(body)
            : throw new ValidationException(
                [new ValidationItem("model_attributes_type", ValidationItem.ToLoc("body"), "Input should be a valid dictionary or object to extract fields from", ToNode(body))]);
    }

    /// <summary>Says where JSON is broken, without the parser's own way of counting.</summary>
    public static string Describe(JsonException error)
    {
        var text = error.Message.Split(" LineNumber:", 2)[0].TrimEnd('.');
        return $"{text} at line {error.LineNumber + 1} column {error.BytePositionInLine + 1}";
    }

    public string? Text(string name)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString();
        }

        Refuse("string_type", name, "Input should be a valid string", value);
        return null;
    }

    public string RequiredText(string name)
    {
        if (!_body.TryGetProperty(name, out _))
        {
            _items.Add(ValidationItem.Missing("body", name));
        }
        else if (Find(name) is null)
        {
            _items.Add(new ValidationItem("string_type", ValidationItem.ToLoc("body", name), "Input should be a valid string"));
        }

        return Text(name) ?? string.Empty;
    }

    public JsonElement? Object(string name)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            return value;
        }

        Refuse("dict_type", name, "Input should be a valid dictionary", value);
        return null;
    }

    /// <summary>Reads a list of texts that has to be there and may not be empty.</summary>
    public IReadOnlyList<string> RequiredTexts(string name)
    {
        if (Find(name) is not { } value)
        {
            _items.Add(ValidationItem.Missing("body", name));
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            Refuse("list_type", name, "Input should be a valid list of strings", value);
            return [];
        }

        if (value.GetArrayLength() == 0)
        {
            _items.Add(new ValidationItem(
                "too_short",
                ValidationItem.ToLoc("body", name),
                "List should have at least 1 item after validation, not 0",
                ToNode(value),
                new JsonObject { ["field_type"] = "List", ["min_length"] = 1, ["actual_length"] = 0 }));
        }

        return [.. value.EnumerateArray().Select(item => item.GetString()!)];
    }

    /// <summary>Reads a text of limited length.</summary>
    public string? Text(string name, int maxLength)
    {
        var text = Text(name);
        if (text?.Length > maxLength)
        {
            Refuse("string_too_long", name, $"String should have at most {maxLength} characters", _body.GetProperty(name), new JsonObject { ["max_length"] = maxLength });
        }

        return text;
    }

    /// <summary>Reads a text that has to be one of a few.</summary>
    public string RequiredChoice(string name, params string[] choices)
    {
        var earlier = _items.Count;
        var text = RequiredText(name);
        if (_items.Count == earlier && !choices.Contains(text, StringComparer.Ordinal))
        {
            var pattern = $"^({string.Join('|', choices)})$";
            Refuse("string_pattern_mismatch", name, $"String should match pattern '{pattern}'", _body.GetProperty(name), new JsonObject { ["pattern"] = pattern });
        }

        return text;
    }

    public void Refuse(string type, string name, string message, JsonElement input, JsonObject? limits = null) =>
        _items.Add(new ValidationItem(type, ValidationItem.ToLoc("body", name), message, ToNode(input), limits));

    /// <summary>Ends the reading.</summary>
    /// <exception cref="ValidationException">Something did not fit.</exception>
    public void ThrowIfInvalid()
    {
        if (_items.Count > 0)
        {
            throw new ValidationException(_items);
        }
    }

    private static JsonElement Parse(byte[] body)
    {
        try
        {
            return JsonElement.Parse(body);
        }
        catch (JsonException error)
        {
            var reason = error.Message.Contains("property name", StringComparison.Ordinal) ? "Expecting property name enclosed in double quotes" : Describe(error);
            var loc = new JsonArray("body", error.BytePositionInLine ?? 0);
            throw new ValidationException([new ValidationItem("json_invalid", loc, "JSON decode error", new JsonObject(), new JsonObject { ["error"] = reason })]);
        }
    }

    private static JsonNode? ToNode(JsonElement value) => JsonNode.Parse(value.GetRawText());

    private JsonElement? Find(string name) => _body.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
