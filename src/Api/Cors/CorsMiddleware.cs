using System.Collections.Frozen;
using Microsoft.Extensions.Primitives;

namespace Cluster.Api.Cors;

/// <summary>
/// Lets pages of known origins call the API. It answers preflights itself and marks every other answer, errors and streams included.
/// The framework's own middleware differs in details that AgentOS clients see: the body of a preflight, and a 400 for foreign origins.
/// </summary>
/// <param name="next">The rest of the pipeline.</param>
/// <param name="origins">The origins.</param>
internal sealed class CorsMiddleware(RequestDelegate next, KnownOrigins origins)
{
    private const string Methods = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";

    private static readonly FrozenSet<string> KnownMethods = Methods.Split(", ").ToFrozenSet(StringComparer.Ordinal);

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        var origin = headers.Origin;
        if (StringValues.IsNullOrEmpty(origin))
        {
            return next(context);
        }

        if (HttpMethods.IsOptions(context.Request.Method) && !StringValues.IsNullOrEmpty(headers.AccessControlRequestMethod))
        {
            return AnswerPreflightAsync(context, origin.ToString());
        }

        // At the start of the answer, because an error clears the headers that were set before it.
        context.Response.OnStarting(() =>
        {
            Mark(context.Response, origin.ToString());
            return Task.CompletedTask;
        });
        return next(context);
    }

    private void Mark(HttpResponse response, string origin)
    {
        response.Headers.AccessControlAllowCredentials = "true";
        response.Headers.AccessControlExposeHeaders = "*";
        if (origins.Contains(origin))
        {
            response.Headers.AccessControlAllowOrigin = origin;
            response.Headers.Append("Vary", "Origin");
        }
    }

    private Task AnswerPreflightAsync(HttpContext context, string origin)
    {
        var response = context.Response;
        var refused = new List<string>();
        response.Headers.Vary = "Origin";
        response.Headers.AccessControlAllowMethods = Methods;
        response.Headers.AccessControlMaxAge = "600";
        response.Headers.AccessControlAllowCredentials = "true";
        if (origins.Contains(origin))
        {
            response.Headers.AccessControlAllowOrigin = origin;
        }
        else
        {
            refused.Add("origin");
        }

        if (!KnownMethods.Contains(context.Request.Headers.AccessControlRequestMethod.ToString()))
        {
            refused.Add("method");
        }

        if (context.Request.Headers.TryGetValue("Access-Control-Request-Headers", out var wanted))
        {
            response.Headers.AccessControlAllowHeaders = wanted;
        }

        response.StatusCode = refused.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
        response.ContentType = "text/plain; charset=utf-8";
        var body = refused.Count == 0 ? "OK" : $"Disallowed CORS {string.Join(", ", refused)}";
        response.ContentLength = body.Length;
        return response.WriteAsync(body, context.RequestAborted);
    }
}
