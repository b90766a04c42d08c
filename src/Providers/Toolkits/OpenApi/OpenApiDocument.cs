using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Json;
using Cluster.Providers.Definitions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Cluster.Providers.Toolkits.OpenApi;

/// <summary>An OpenAPI 3 document whose references can be followed.</summary>
internal sealed class OpenApiDocument
{
    private const int MostReferences = 32;

    private OpenApiDocument(JsonElement root) => Root = root;

    public JsonElement Root { get; }

    /// <summary>Reads a document.</summary>
    /// <param name="text">JSON or YAML.</param>
    /// <exception cref="InvalidRequestException">It is no OpenAPI 3 document.</exception>
    public static OpenApiDocument Parse(string text)
    {
        var root = text.AsSpan().TrimStart() is ['{', ..] ? ParseJson(text) : ParseYaml(text);
        return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("openapi", out var version) && version.ToString().StartsWith("3.", StringComparison.Ordinal)
            ? new OpenApiDocument(root)
            : throw new InvalidRequestException("The document is no OpenAPI 3 document: it has no 'openapi: 3…'. Convert older ones first.");
    }

    /// <summary>Follows an object's reference, if it is one.</summary>
    /// <exception cref="InvalidRequestException">It leads out of the document, nowhere, or in a circle.</exception>
    public JsonElement Follow(JsonElement element)
    {
        for (var followed = 0; ReferenceOf(element) is { } reference; followed++)
        {
            element = followed < MostReferences ? Find(reference) : throw new InvalidRequestException($"The reference '{reference}' of the document leads in a circle. Correct the document.");
        }

        return element;
    }

    /// <summary>Gives what an object refers to; null when it is no reference.</summary>
    public static string? ReferenceOf(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty("$ref", out var reference) && reference.ValueKind == JsonValueKind.String ? reference.GetString() : null;

    private JsonElement Find(string reference)
    {
        var found = Root;
        if (!reference.StartsWith("#/", StringComparison.Ordinal))
        {
            throw new InvalidRequestException($"The reference '{reference}' leads out of the document. Put what it stands for into the document.");
        }

        foreach (var step in reference[2..].Split('/'))
        {
            var name = Uri.UnescapeDataString(step).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            found = found.ValueKind == JsonValueKind.Object && found.TryGetProperty(name, out var member)
                ? member
                : throw new InvalidRequestException($"The reference '{reference}' of the document leads nowhere. Correct the document.");
        }

        return found;
    }

    private static JsonElement ParseJson(string text)
    {
        try
        {
            return UniqueMembers.Parse(text);
        }
        catch (JsonException broken)
        {
            throw new InvalidRequestException($"The OpenAPI document is no correct JSON: {broken.Message}", broken);
        }
    }

    private static JsonElement ParseYaml(string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents.Count > 0 ? new YamlValue("openapi.yaml").ToJson(stream.Documents[0].RootNode) : default;
        }
        catch (YamlException broken)
        {
            throw new InvalidRequestException($"The OpenAPI document is no correct YAML: line {broken.Start.Line}: {broken.Message}", broken);
        }
    }
}
