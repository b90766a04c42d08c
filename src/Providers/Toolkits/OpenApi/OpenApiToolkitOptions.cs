using System.Collections.Immutable;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Toolkits.OpenApi;

/// <summary>An API that an OpenAPI 3 document describes, and how it is called.</summary>
public sealed record OpenApiToolkitOptions
{
    /// <summary>Gets the document itself, as JSON or YAML.</summary>
    public required string Document { get; init; }

    /// <summary>Gets the toolkit's name. The default is <c>openapi</c>.</summary>
    public string Name { get; init; } = "openapi";

    /// <summary>Gets where the API is. Null, the default, for the first of the document's servers, which then has to have a public address.</summary>
    public string? BaseUrl { get; init; }

    /// <summary>Gets the token that is sent as <c>Authorization: Bearer</c>; null for none.</summary>
    public string? BearerToken { get; init; }

    /// <summary>Gets the key that is sent in <see cref="ApiKeyHeader"/>; null for none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Gets the header of the key. Null, the default, for the one that the document names, else <c>X-API-Key</c>.</summary>
    public string? ApiKeyHeader { get; init; }

    /// <summary>Gets the ids of the only operations to offer; empty, the default, for all.</summary>
    public ImmutableArray<string> Include { get; init; } = [];

    /// <summary>Gets the ids of operations not to offer. The default is none.</summary>
    public ImmutableArray<string> Exclude { get; init; } = [];

    /// <summary>Gets what the tools' names begin with, so that two APIs do not get in each other's way. The default is nothing.</summary>
    public string Prefix { get; init; } = string.Empty;

    /// <summary>
    /// Gets the header by which the API recognises a repeated request, for instance <c>Idempotency-Key</c>. Calls that may change something are then made
    /// again after a crash, under the same key. Null, the default, for an API that recognises none.
    /// </summary>
    public string? IdempotencyHeader { get; init; }

    /// <summary>Gets how many letters of an answer the model gets. The default is 50,000.</summary>
    public int MaxLetters { get; init; } = 50_000;

    /// <summary>Gets how long one call may take. The default is 30 seconds.</summary>
    public TimeSpan Timeout { get; init => field = Durations.Limit(value, nameof(Timeout)); } = TimeSpan.FromSeconds(30);

    /// <summary>Names the type only: the members are secrets.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => nameof(OpenApiToolkitOptions);
}
