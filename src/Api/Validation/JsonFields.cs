using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Api.Errors;
using Cluster.Engine.Json;

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
        using var content = new MemoryStream();
        await request.Body.CopyToAsync(content, request.HttpContext.RequestAborted);
        if (content.Length == 0)
        {
            return isRequired ? throw new ValidationException([ValidationItem.Missing("body")]) : new JsonFields(EngineJson.EmptyObject);
        }

        var body = IsJson(request.ContentType) ? Parse(content.ToArray()) : throw NotJson();
        if (body.ValueKind == JsonValueKind.Null && !isRequired)
        {
            return new JsonFields(EngineJson.EmptyObject);
        }

        return body.ValueKind == JsonValueKind.Object
            ? new JsonFields(body)
            : throw new ValidationException(
                [new ValidationItem("model_attributes_type", ValidationItem.ToLoc("body"), "Input should be a valid dictionary or object to extract fields from", UniqueMembers.ToNode(body))]);
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

    /// <summary>Reads an id that the client made up.</summary>
    public string? Id(string name, ClientId rules)
    {
        var id = Text(name);
        if (id is not null && rules.Refuse(id) is { } reason)
        {
            Refuse(reason.Type, name, reason.Message, _body.GetProperty(name));
        }

        return id;
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
    /// <param name="name">The field.</param>
    /// <param name="choices">What each text has to be one of; empty for any.</param>
    public IReadOnlyList<string> RequiredTexts(string name, params string[] choices)
    {
        if (Find(name) is not { } value)
        {
            _items.Add(_body.TryGetProperty(name, out _)
                ? new ValidationItem("list_type", ValidationItem.ToLoc("body", name), "Input should be a valid list")
                : ValidationItem.Missing("body", name));
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            Refuse("list_type", name, "Input should be a valid list", value);
            return [];
        }

        foreach (var (place, item) in value.EnumerateArray().Index().Where(entry => entry.Item.ValueKind != JsonValueKind.String || choices is { Length: > 0 }))
        {
            DemandText(name, place, item, choices);
        }

        if (value.GetArrayLength() == 0)
        {
            _items.Add(new ValidationItem(
                "too_short",
                ValidationItem.ToLoc("body", name),
                "List should have at least 1 item after validation, not 0",
                UniqueMembers.ToNode(value),
                new JsonObject { ["field_type"] = "List", ["min_length"] = 1, ["actual_length"] = 0 }));
        }

        return [.. value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)];
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
        _items.Add(new ValidationItem(type, ValidationItem.ToLoc("body", name), message, UniqueMembers.ToNode(input), limits));

    /// <summary>Ends the reading.</summary>
    /// <exception cref="ValidationException">Something did not fit.</exception>
    public void ThrowIfInvalid()
    {
        if (_items.Count > 0)
        {
            throw new ValidationException(_items);
        }
    }

    /// <summary>
    /// Tells whether a body says that it is JSON, or nothing. A page of another origin can have a browser send any text as <c>text/plain</c> without asking first, so
    /// no other type is read as JSON.
    /// </summary>
    private static bool IsJson(string? contentType)
    {
        var type = (contentType ?? string.Empty).Split(';')[0].Trim();
        return type.Length == 0
            || type.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || (type.StartsWith("application/", StringComparison.OrdinalIgnoreCase) && type.EndsWith("+json", StringComparison.OrdinalIgnoreCase));
    }

    private static ValidationException NotJson() => new(
        [new ValidationItem("model_attributes_type", ValidationItem.ToLoc("body"), "Input should be a valid dictionary or object to extract fields from, sent as application/json")]);

    private static JsonElement Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return StrictJson.Parse(body);
        }
        catch (BrokenJsonException broken)
        {
            throw broken.Path.Count == 0 ? ApiException.BadRequest("There was an error parsing the body: it is not UTF-8") : new ValidationException([broken.ToItem("body")]);
        }
        catch (JsonException error)
        {
            var reason = error.Message.Contains("property name", StringComparison.Ordinal) ? "Expecting property name enclosed in double quotes" : Describe(error);
            var loc = new JsonArray("body", error.BytePositionInLine ?? 0);
            throw new ValidationException([new ValidationItem("json_invalid", loc, "JSON decode error", new JsonObject(), new JsonObject { ["error"] = reason })]);
        }
    }

    private void DemandText(string name, int place, JsonElement item, string[] choices)
    {
        if (item.ValueKind == JsonValueKind.String && choices.Contains(item.GetString(), StringComparer.Ordinal))
        {
            return;
        }

        var loc = new JsonArray("body", name, place);
        var expected = ValidationItem.OneOf(choices);
        _items.Add(choices.Length == 0
            ? new ValidationItem("string_type", loc, "Input should be a valid string", UniqueMembers.ToNode(item))
            : new ValidationItem("enum", loc, $"Input should be {expected}", UniqueMembers.ToNode(item), new JsonObject { ["expected"] = expected }));
    }

    private JsonElement? Find(string name) => _body.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
