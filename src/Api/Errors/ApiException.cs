using System.Diagnostics.CodeAnalysis;

namespace Cluster.Api.Errors;

/// <summary>A request that HTTP itself refuses, before the engine is asked. The engine's own refusals are translated by <see cref="ErrorMiddleware"/>.</summary>
/// <param name="statusCode">The HTTP status to answer with.</param>
/// <param name="detail">What was wrong and what to do, for the caller.</param>
[SuppressMessage("Design", "CA1064:Exceptions should be public", Justification = "It never leaves the assembly: the middleware translates it.")]
internal sealed class ApiException(int statusCode, string detail) : Exception(detail)
{
    public int StatusCode { get; } = statusCode;

    public static ApiException BadRequest(string detail) => new(StatusCodes.Status400BadRequest, detail);

    public static ApiException Forbidden(string detail) => new(StatusCodes.Status403Forbidden, detail);

    public static ApiException NotFound(string detail) => new(StatusCodes.Status404NotFound, detail);

    public static ApiException Conflict(string detail) => new(StatusCodes.Status409Conflict, detail);

    public static ApiException TooLarge(long limit) => new(
        StatusCodes.Status413PayloadTooLarge, $"The request body is larger than the limit of {limit} bytes. Send less, or raise AgentOs:MaxBodyBytes.");
}
