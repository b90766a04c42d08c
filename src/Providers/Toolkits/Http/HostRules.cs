using System.Collections.Immutable;
using Cluster.Engine.Errors;

namespace Cluster.Providers.Toolkits.Http;

/// <summary>Which hosts may be asked.</summary>
/// <param name="allowed">The only ones, <c>example.com</c> or <c>*.example.com</c> for all below it; empty for all.</param>
/// <param name="denied">Those that may not, written the same way.</param>
internal sealed class HostRules(ImmutableArray<string> allowed, ImmutableArray<string> denied)
{
    /// <summary>Reads an address and refuses one that may not be asked.</summary>
    /// <param name="url">The address.</param>
    public Uri Check(string url) => Uri.TryCreate(url, UriKind.Absolute, out var parsed)
        ? Check(parsed)
        : throw new InvalidRequestException($"'{url}' is no address. Give a whole one, for instance https://example.com/page.");

    /// <summary>Refuses an address that may not be asked.</summary>
    /// <param name="url">The address.</param>
    /// <returns>The same <paramref name="url"/>.</returns>
    public Uri Check(Uri url)
    {
        if (url.Scheme is not ("http" or "https"))
        {
            throw new InvalidRequestException($"Addresses with '{url.Scheme}:' cannot be fetched. Use http: or https:.");
        }

        if (url.UserInfo.Length > 0)
        {
            throw new InvalidRequestException("The address has a user name in it. Leave that out.");
        }

        var host = url.IdnHost.TrimEnd('.');
        return denied.Any(pattern => Fits(host, pattern))
            ? throw new ForbiddenException($"The host '{host}' is not allowed. Use another source.")
            : allowed.IsEmpty || allowed.Any(pattern => Fits(host, pattern))
                ? url
                : throw new ForbiddenException($"The host '{host}' is not allowed. Allowed are: {string.Join(", ", allowed)}.");
    }

    private static bool Fits(string host, string pattern) => pattern.StartsWith("*.", StringComparison.Ordinal)
        ? host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
        : host.Equals(pattern, StringComparison.OrdinalIgnoreCase);
}
