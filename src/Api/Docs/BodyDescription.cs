using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Cluster.Api.Docs;

/// <summary>One field of a body.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Kind">Its type.</param>
internal sealed record FieldDescription(string Name, string Description, FieldKind Kind = FieldKind.Text)
{
    public bool IsRequired { get; init; }

    public string? Default { get; init; }
}

/// <summary>The type of a field.</summary>
internal enum FieldKind
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>An integer.</summary>
    Number,

    /// <summary>Uploaded files.</summary>
    Files,

    /// <summary>A JSON object.</summary>
    Object,

    /// <summary>A list of texts.</summary>
    Texts,
}

/// <summary>The fields of a body.</summary>
/// <param name="Fields">The fields.</param>
internal sealed record BodyDescription(params IReadOnlyList<FieldDescription> Fields)
{
    public bool IsRequired => Fields.Any(entry => entry.IsRequired);

    public bool HasFiles => Fields.Any(entry => entry.Kind == FieldKind.Files);

    public OpenApiSchema ToSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Properties = Fields.ToDictionary(field => field.Name, field => (IOpenApiSchema)ToSchema(field)),
        Required = Fields.Where(field => field.IsRequired).Select(field => field.Name).ToHashSet(),
    };

    private static OpenApiSchema ToSchema(FieldDescription field) => new()
    {
        Type = field.Kind switch
        {
            FieldKind.Flag => JsonSchemaType.Boolean,
            FieldKind.Number => JsonSchemaType.Integer,
            FieldKind.Object => JsonSchemaType.Object,
            FieldKind.Files or FieldKind.Texts => JsonSchemaType.Array,
            _ => JsonSchemaType.String,
        },
        Items = field.Kind switch
        {
            FieldKind.Files => new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" },
            FieldKind.Texts => new OpenApiSchema { Type = JsonSchemaType.String },
            _ => null,
        },
        Description = field.Description,
        Default = field.Default is null ? null : JsonNode.Parse(field.Default),
    };
}
