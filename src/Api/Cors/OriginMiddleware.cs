using Cluster.Api.Errors;

namespace Cluster.Api.Cors;

/// <summary>
/// Refuses requests that change something and come from pages of unknown origins. Without it any page that a user visits could have the browser run agents on
/// the user's machine: it would not see the answers, but the tools would work.
/// </summary>
/// <param name="next">The rest of the pipeline.</param>
/// <param name="origins">The origins that may.</param>
internal sealed class OriginMiddleware(RequestDelegate next, KnownOrigins origins)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var isSafe = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);
        var refused = isSafe ? null : request.Headers.Origin.FirstOrDefault(origin => !origins.Contains(origin ?? string.Empty) && !IsOwn(request, origin));
        return refused is null
            ? next(context)
            : throw ApiException.Forbidden($"Pages of the origin '{refused}' may not use this server. Add it to {AgentOsOptions.SectionName}:{nameof(AgentOsOptions.AllowedOrigins)}.");
    }

    /// <summary>
    /// Tells whether a page came from this server. The scheme does not count: behind a proxy that speaks TLS it is another one, and a host that a page shares
    /// with the server is the server's.
    /// </summary>
    private static bool IsOwn(HttpRequest request, string? origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var address)
        && address.Scheme is "http" or "https"
        && new HostString(address.IsDefaultPort ? address.Host : address.Authority).Equals(WithoutDefaultPort(request.Host, address));

    private static HostString WithoutDefaultPort(HostString host, Uri address) => host.Port == address.Port && address.IsDefaultPort ? new HostString(host.Host) : host;
}
