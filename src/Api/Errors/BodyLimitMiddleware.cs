using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Cluster.Api.Errors;

/// <summary>Refuses bodies over the limit before they are read; the server itself stops those that do not tell their length.</summary>
/// <param name="next">The rest of the pipeline.</param>
/// <param name="options">The limit.</param>
internal sealed class BodyLimitMiddleware(RequestDelegate next, IOptions<AgentOsOptions> options)
{
    public Task InvokeAsync(HttpContext context)
    {
        var limit = options.Value.MaxBodyBytes;
        if (context.Request.ContentLength > limit)
        {
            throw ApiException.TooLarge(limit);
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = limit;
        }

        return next(context);
    }
}
