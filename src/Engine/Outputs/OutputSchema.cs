using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Json;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Outputs;

/// <summary>What an answer has to look like: a JSON schema and its name.</summary>
public sealed record OutputSchema
{
    private const string Unnamed = "dict";

    /// <summary>Gets the name: that of the type, or what the schema is called; null for none.</summary>
    public string? Name { get; init; }

    /// <summary>Gets the JSON schema, an object.</summary>
    public required JsonElement Schema { get; init; }

    /// <summary>Gets the kind of content in events and runs: the name of the type; <c>dict</c> when the schema was given as JSON.</summary>
    public string ContentType { get; init; } = Unnamed;

    /// <summary>Makes the schema of a type. Its members are named in snake_case, and so is the JSON that the model writes.</summary>
    /// <typeparam name="T">The type; descriptions of its members are told to the model.</typeparam>
    /// <returns>The schema.</returns>
    public static OutputSchema Of<T>() => new()
    {
        Name = typeof(T).Name,
        ContentType = typeof(T).Name,
        Schema = AIJsonUtilities.CreateJsonSchema(typeof(T), serializerOptions: TypedJson.Options, inferenceOptions: TypedJson.Inference),
    };

    /// <summary>Reads a schema, plain or as OpenAI wraps it: <c>{"type":"json_schema","json_schema":{"name":…,"schema":…}}</c>.</summary>
    /// <param name="json">The schema.</param>
    /// <returns>The schema.</returns>
    /// <exception cref="InvalidRequestException">It is no object.</exception>
    public static OutputSchema FromJson(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidRequestException("The output schema is not a JSON object. Send a JSON schema.");
        }

        if (json.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() == "json_schema" &&
            json.TryGetProperty("json_schema", out var wrapped) && wrapped.ValueKind == JsonValueKind.Object &&
            wrapped.TryGetProperty("schema", out var schema) && schema.ValueKind == JsonValueKind.Object)
        {
            return new OutputSchema { Name = Text(wrapped, "name"), Schema = schema };
        }

        return new OutputSchema { Name = Text(json, "title"), Schema = json };
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>How values of the users' own types become JSON: reflection, because the engine cannot know the types; snake_case like everything else.</summary>
internal static class TypedJson
{
    public static JsonSerializerOptions Options { get; } = Create();

    public static AIJsonSchemaCreateOptions Inference { get; } = new() { TransformOptions = new AIJsonSchemaTransformOptions { DisallowAdditionalProperties = true, RequireAllProperties = true } };

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(AIJsonUtilities.DefaultOptions)
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Encoder = RelaxedJsonEncoder.Instance,
        };
        options.MakeReadOnly();
        return options;
    }
}
