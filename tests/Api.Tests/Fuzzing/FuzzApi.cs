using System.Text;
using System.Text.Json;

namespace Cluster.Api.Tests.Fuzzing;

/// <summary>Makes requests out of the description that a server gives of itself.</summary>
/// <param name="description">The document at <c>/openapi.json</c>.</param>
/// <param name="texts">What is put into the requests.</param>
internal sealed class FuzzApi(JsonElement description, FuzzTexts texts)
{
    private readonly IReadOnlyList<Operation> _operations = [.. OperationsOf(description)];
    private readonly FuzzTexts _texts = texts;
    private readonly FuzzBodies _bodies = new(texts);

    /// <summary>Makes the next request.</summary>
    /// <param name="known">Ids that exist, by the names of route values.</param>
    public FuzzRequest Next(IReadOnlyDictionary<string, string> known)
    {
        var operation = _texts.Pick(_operations);
        var path = string.Join('/', operation.Path.Split('/').Select(part => ToSegment(part, known)));
        var query = operation.Query.Where(field => _texts.Chance(field.IsRequired ? 95 : 25)).Select(field => $"{field.Name}={ToValue(field, known)}");
        var target = string.Join('?', new[] { path, string.Join('&', query) }.Where(part => part.Length > 0));
        var request = new FuzzRequest { Method = operation.Method, Target = _texts.Chance(2) ? target + "?" + _texts.Pick(["%", "a=%00", "&&&=", "limit=%FF", "%zz=%zz"]) : target };
        request.IsMalformed = request.Target.Any(letter => letter is <= ' ' or > '~') || !request.Target.StartsWith('/');
        AddHeaders(request);
        if (operation.Bodies.Count > 0)
        {
            var (type, fields) = _texts.Pick(operation.Bodies);
            _bodies.Fill(request, type, fields);
        }

        return request;
    }

    private static IEnumerable<Operation> OperationsOf(JsonElement description)
    {
        foreach (var path in description.GetProperty("paths").EnumerateObject())
        {
            // What has no name of its own is a route that tests have added, to see failures.
            foreach (var operation in path.Value.EnumerateObject().Where(operation => operation.Value.TryGetProperty("operationId", out _)))
            {
                var parameters = operation.Value.TryGetProperty("parameters", out var all) ? all.EnumerateArray().ToArray() : [];
                var query = parameters.Where(parameter => parameter.GetProperty("in").ValueEquals("query")).Select(parameter => ToField(
                    parameter.GetProperty("name").GetString()!, parameter.GetProperty("schema"), parameter.TryGetProperty("required", out var isRequired) && isRequired.GetBoolean()));
                yield return new Operation(operation.Name.ToUpperInvariant(), path.Name, [.. query], [.. BodiesOf(operation.Value)]);
            }
        }
    }

    private static IEnumerable<(string Type, IReadOnlyList<FuzzField> Fields)> BodiesOf(JsonElement operation)
    {
        var types = operation.TryGetProperty("requestBody", out var body) ? body.GetProperty("content").EnumerateObject().ToArray() : [];
        foreach (var type in types)
        {
            var schema = type.Value.GetProperty("schema");
            var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()).ToArray() : [];
            yield return (type.Name, [.. schema.GetProperty("properties").EnumerateObject().Select(field => ToField(field.Name, field.Value, required.Contains(field.Name)))]);
        }
    }

    private static FuzzField ToField(string name, JsonElement schema, bool isRequired)
    {
        var type = schema.TryGetProperty("type", out var text) ? text.ToString() : "string";
        var (usual, json) = (name, type) switch
        {
            ("session_id", _) => ("s1", "\"s1\""),
            ("stream", _) => ("false", "false"),
            ("session_ids", _) => ("[\"gone\"]", "[\"gone\"]"),
            ("session_types", _) => ("[\"agent\"]", "[\"agent\"]"),
            ("status", _) => ("approved", "\"approved\""),
            ("type", _) => ("agent", "\"agent\""),
            ("continue_from", _) => ("end", "\"end\""),
            ("session_state" or "metadata" or "dependencies" or "output_schema" or "model_parameters" or "resolution_data", _) => ("{\"a\":{\"b\":[1]}}", "{\"a\":{\"b\":[1]}}"),
            ("tools" or "requirements" or "images" or "audio" or "videos" or "input_files", _) => ("[]", "[]"),
            (_, "boolean") => ("true", "true"),
            (_, "integer") => ("1", "1"),
            (_, "array") => ("[]", "[]"),
            (_, "object") => ("{}", "{}"),
            _ => ("text", "\"text\""),
        };
        return new FuzzField(name, usual, json) { IsRequired = isRequired, IsFile = name == "files" };
    }

    private string ToSegment(string part, IReadOnlyDictionary<string, string> known) =>
        !part.StartsWith('{') ? _texts.Chance(1) ? _texts.AddressPart() : part
        : _texts.Chance(75) ? known.GetValueOrDefault(part.Trim('{', '}'), "nope")
        : _texts.AddressPart();

    private string ToValue(FuzzField field, IReadOnlyDictionary<string, string> known) =>
        _texts.Chance(60) ? Uri.EscapeDataString(known.GetValueOrDefault(field.Name, field.Usual)) : _texts.AddressPart();

    private void AddHeaders(FuzzRequest request)
    {
        foreach (var name in new[] { "Idempotency-Key", "Last-Event-ID", "Origin", "traceparent", "Accept" }.Where(_ => _texts.Chance(4)))
        {
            var value = _texts.Chance(70) ? Encoding.UTF8.GetBytes(_texts.Pick(["key-1", "99999999999", "-1", "x", "null", "https://evil.example", "00-x-y-01", "", "é"])) : _texts.Bytes();
            request.IsMalformed |= value.Any(code => code is < 32 or > 126);
            request.Headers.Add((name, value));
        }
    }

    private sealed record Operation(string Method, string Path, IReadOnlyList<FuzzField> Query, IReadOnlyList<(string Type, IReadOnlyList<FuzzField> Fields)> Bodies);
}
