using Cluster.Engine.Limits;
using Microsoft.Extensions.Options;

namespace Cluster.Api.Validation;

/// <summary>Gives how large the fields of a request may be. What is too large is refused here, before anything of it is passed on to another process.</summary>
internal static class RequestLimits
{
    public static FieldLimits Limits(this HttpRequest request) => request.HttpContext.RequestServices.GetRequiredService<IOptions<FieldLimits>>().Value;
}
