using System.Text.Json.Serialization;

namespace Cluster.Api.Errors;

/// <summary>The body of every refusal.</summary>
/// <param name="Detail">What was wrong.</param>
/// <param name="TraceId">Where the log tells more, for failures of the server; null for refusals.</param>
internal sealed record ErrorResponse(
    string Detail,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? TraceId = null);
