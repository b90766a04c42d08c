using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Cluster.Engine.Errors;

namespace Cluster.Providers.Toolkits.OpenApi;

/// <summary>Reads the operations of a document.</summary>
/// <param name="document">The document.</param>
internal sealed partial class OpenApiReader(OpenApiDocument document)
{
    private const string BodyArgument = "body";
    private static readonly string[] Methods = ["get", "head", "post", "put", "patch", "delete"];

    /// <summary>What the connection or the toolkit's own settings decide, not the model.</summary>
    private static readonly string[] OwnHeaders = ["Authorization", "Accept", "Content-Type", "Host"];

    /// <summary>Gives the operations that can be called. Those that want a file, or another body than JSON, a form or text, cannot.</summary>
    /// <param name="ownHeaders">The headers that the toolkit sends itself; null for none.</param>
    public IEnumerable<OpenApiOperation> Operations(string?[] ownHeaders)
    {
        foreach (var path in Members(document.Root, "paths"))
        {
            var item = document.Follow(path.Value);
            foreach (var method in Methods.Where(method => item.ValueKind == JsonValueKind.Object && item.TryGetProperty(method, out _)))
            {
                if (Read(path.Name, method, item, ownHeaders) is { } operation)
                {
                    yield return operation;
                }
            }
        }
    }

    /// <summary>Gives the address of the first server, its variables filled in.</summary>
    /// <exception cref="InvalidRequestException">There is none, or a relative one.</exception>
    public string ServerUrl()
    {
        var server = document.Root.TryGetProperty("servers", out var servers) && servers.ValueKind == JsonValueKind.Array ? servers.EnumerateArray().FirstOrDefault() : default;
        var url = Text(server, "url");
        foreach (var variable in Members(server, "variables"))
        {
            url = url.Replace($"{{{variable.Name}}}", Text(variable.Value, "default"), StringComparison.Ordinal);
        }

        return Uri.TryCreate(url, UriKind.Absolute, out var absolute) && absolute.Scheme is "http" or "https"
            ? url
            : throw new InvalidRequestException("The OpenAPI document does not say where the API is. Set the base URL.");
    }

    /// <summary>Gives the header in which the document wants the key; null when it names none.</summary>
    public string? KeyHeader() =>
        !document.Root.TryGetProperty("components", out var components) ? null : Members(components, "securitySchemes").Select(scheme => document.Follow(scheme.Value))
            .Where(scheme => Text(scheme, "type") == "apiKey" && Text(scheme, "in") == "header").Select(scheme => Text(scheme, "name")).FirstOrDefault(name => name.Length > 0);

    private OpenApiOperation? Read(string path, string method, JsonElement item, string?[] ownHeaders)
    {
        var operation = item.GetProperty(method);
        var schema = new OpenApiSchema(document);
        var properties = new JsonObject();
        var required = new JsonArray();
        var parameters = ImmutableArray.CreateBuilder<OpenApiParameter>();
        foreach (var parameter in Parameters(item, operation).Where(parameter => Text(parameter, "in") is "path" or "query" or "header" && !IsOwn(parameter, ownHeaders)))
        {
            var read = ReadParameter(parameter, properties);
            parameters.Add(read);
            properties[read.Argument] = Describe(schema.Write(SchemaOf(parameter)), Text(parameter, "description"));
            Require(required, read.Argument, IsTrue(parameter, "required") || read.Place == "path");
        }

        var body = operation.TryGetProperty("requestBody", out var reference) ? document.Follow(reference) : default;
        var (bodyType, bodySchema) = ReadBody(body);
        if (bodyType is not null)
        {
            properties[BodyArgument] = Describe(schema.Write(bodySchema), Text(body, "description"));
            Require(required, BodyArgument, IsTrue(body, "required"));
        }

        return bodyType is null && IsTrue(body, "required") ? null : new OpenApiOperation
        {
            Id = Text(operation, "operationId") is { Length: > 0 } id ? id : $"{method}{path}",
            Method = HttpMethod.Parse(method),
            Path = path,
            Description = Describe(operation, method, path),
            Parameters = parameters.ToImmutable(),
            BodyType = bodyType,
            Arguments = JsonElement.Parse(new JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = required }.ToJsonString()),
        };
    }

    /// <summary>An operation's parameters win over those of its path.</summary>
    private IEnumerable<JsonElement> Parameters(JsonElement item, JsonElement operation) =>
        new[] { operation, item }.SelectMany(owner => owner.TryGetProperty("parameters", out var list) ? list.EnumerateArray().Select(document.Follow) : [])
            .DistinctBy(parameter => (Text(parameter, "name"), Text(parameter, "in")));

    private static bool IsOwn(JsonElement parameter, string?[] ownHeaders) =>
        Text(parameter, "in") == "header" && OwnHeaders.Concat(ownHeaders).Contains(Text(parameter, "name"), StringComparer.OrdinalIgnoreCase);

    private static OpenApiParameter ReadParameter(JsonElement parameter, JsonObject taken)
    {
        var (name, place, style) = (Text(parameter, "name"), Text(parameter, "in"), Text(parameter, "style"));
        var argument = Unfit().Replace(name, "_");
        var isTaken = argument == BodyArgument || taken.ContainsKey(argument);
        var explodes = parameter.TryGetProperty("explode", out var explode) ? explode.ValueKind == JsonValueKind.True : place == "query" && style is "" or "form";
        return new OpenApiParameter(
            isTaken ? $"{place}_{argument}" : argument, name, place, explodes, style == "deepObject", style switch { "spaceDelimited" => " ", "pipeDelimited" => "|", _ => "," });
    }

    private static JsonElement SchemaOf(JsonElement parameter) =>
        parameter.TryGetProperty("schema", out var schema) ? schema
            : Members(parameter, "content").Select(content => content.Value.TryGetProperty("schema", out var inner) ? inner : default).FirstOrDefault() is { ValueKind: JsonValueKind.Object } found
                ? found
                : JsonElement.Parse("""{"type":"string"}""");

    private static (string? Type, JsonElement Schema) ReadBody(JsonElement body)
    {
        var contents = Members(body, "content").ToArray();
        var chosen = contents.FirstOrDefault(content => content.Name.Contains("json", StringComparison.OrdinalIgnoreCase));
        chosen = chosen.Value.ValueKind != JsonValueKind.Undefined ? chosen : contents.FirstOrDefault(content => content.Name is "application/x-www-form-urlencoded" or "text/plain");
        return chosen.Value.ValueKind == JsonValueKind.Undefined
            ? (null, default)
            : (chosen.Name.Split(';')[0], chosen.Value.TryGetProperty("schema", out var schema) ? schema : JsonElement.Parse("{}"));
    }

    private static string Describe(JsonElement operation, string method, string path)
    {
        var (summary, description) = (Text(operation, "summary"), Text(operation, "description"));
        var text = summary.Length == 0 || description.StartsWith(summary, StringComparison.Ordinal) ? description : $"{summary}\n{description}".Trim();
        return text.Length > 0 ? BoundedRead.Shorten(text, 1_000, string.Empty) : $"{method.ToUpperInvariant()} {path}";
    }

    private static JsonNode Describe(JsonNode schema, string description)
    {
        if (description.Length > 0 && schema is JsonObject described)
        {
            described["description"] = description;
        }

        return schema;
    }

    private static void Require(JsonArray required, string name, bool isRequired)
    {
        if (isRequired)
        {
            required.Add((JsonNode)name);
        }
    }

    private static bool IsTrue(JsonElement element, string member) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.True;

    private static string Text(JsonElement element, string member) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(member, out var value) && value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array) ? value.ToString() : string.Empty;

    private static JsonElement.ObjectEnumerator Members(JsonElement element, string member) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(member, out var found) && found.ValueKind == JsonValueKind.Object ? found.EnumerateObject() : default;

    [GeneratedRegex("[^A-Za-z0-9_.-]")]
    private static partial Regex Unfit();
}
