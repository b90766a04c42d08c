using System.Collections.Immutable;
using System.Text.Json;

namespace Cluster.Providers.Toolkits.OpenApi;

/// <summary>One operation of an API, as a tool.</summary>
internal sealed record OpenApiOperation
{
    /// <summary>Gets the id, that of the document or one made of method and path.</summary>
    public required string Id { get; init; }

    public required HttpMethod Method { get; init; }

    /// <summary>Gets the path with its placeholders.</summary>
    public required string Path { get; init; }

    public required string Description { get; init; }

    public required ImmutableArray<OpenApiParameter> Parameters { get; init; }

    /// <summary>Gets the media type of the body; null without one.</summary>
    public string? BodyType { get; init; }

    /// <summary>Gets the schema of all arguments.</summary>
    public required JsonElement Arguments { get; init; }

    public bool OnlyReads => Method == HttpMethod.Get || Method == HttpMethod.Head;
}

/// <summary>Where an argument goes.</summary>
/// <param name="Argument">The argument's name.</param>
/// <param name="Name">The parameter's name.</param>
/// <param name="Place"><c>path</c>, <c>query</c> or <c>header</c>.</param>
/// <param name="Explodes">True when a list is sent as one parameter per item, false when its items are separated by <c>Separator</c>.</param>
/// <param name="IsDeep">True when the members of an object are sent as <c>name[member]</c>.</param>
/// <param name="Separator">What stands between the items of a list.</param>
internal sealed record OpenApiParameter(string Argument, string Name, string Place, bool Explodes, bool IsDeep, string Separator);
