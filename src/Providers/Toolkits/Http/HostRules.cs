using System.Collections.Immutable;
using System.Net;
using Cluster.Engine.Errors;

namespace Cluster.Providers.Toolkits.Http;

/// <summary>Which hosts may be asked.</summary>
/// <param name="allowed">The only ones, <c>example.com</c> or <c>*.example.com</c> for all below it; empty for all.</param>
/// <param name="denied">Those that may not, written the same way. An address is denied in whatever way it is written, and under whatever name it is found.</param>
internal sealed class HostRules(ImmutableArray<string> allowed, ImmutableArray<string> denied)
{
    private readonly ImmutableArray<string> _allowed = [.. allowed.Select(Canonical)];
    private readonly ImmutableArray<string> _denied = [.. denied.Select(Canonical)];

    /// <summary>Gets a value indicating whether addresses are denied, which names may stand for: then what is connected to has to be looked at.</summary>
    public bool DeniesAddresses => _denied.Any(pattern => IPAddress.TryParse(pattern, out _) || IsLocal(pattern));

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

        var host = Canonical(url.IdnHost);
        var isDenied = _denied.Any(pattern => Fits(host, pattern)) || (IPAddress.TryParse(host, out var address) ? Denies(address) : IsLocal(host) && Denies(IPAddress.Loopback));
        return isDenied
            ? throw new ForbiddenException($"The host '{host}' is not allowed. Use another source.")
            : _allowed.IsEmpty || _allowed.Any(pattern => Fits(host, pattern))
                ? url
                : throw new ForbiddenException($"The host '{host}' is not allowed. Allowed are: {string.Join(", ", allowed)}.");
    }

    /// <summary>
    /// Tells whether an address, perhaps one that a name stands for, is denied. Whoever denies one address by which this machine reaches itself denies them all; a name
    /// denies itself, and <c>localhost</c> also the address that stands for any.
    /// </summary>
    public bool Denies(IPAddress address)
    {
        var real = AddressGuard.Innermost(address);
        var isHere = AddressGuard.IsThisMachine(real);
        return _denied.Any(pattern => IPAddress.TryParse(pattern, out var other)
            ? real.Equals(AddressGuard.Innermost(other)) || (isHere && AddressGuard.IsThisMachine(AddressGuard.Innermost(other)))
            : IsLocal(pattern) && AddressGuard.IsAny(real));
    }

    private static bool IsLocal(string host) => host is "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal);

    /// <summary>Writes a host in the one way in which it is compared: small letters, no last dot, no brackets, international names as they go over the wire.</summary>
    private static string Canonical(string host)
    {
        var plain = host.Trim().TrimEnd('.').ToLowerInvariant();
        if (plain.StartsWith("*.", StringComparison.Ordinal))
        {
            return "*." + Canonical(plain[2..]);
        }

        plain = plain.StartsWith('[') && plain.EndsWith(']') ? plain[1..^1] : plain;
        var written = plain.Contains(':', StringComparison.Ordinal) ? $"[{plain}]" : plain;
        return Uri.TryCreate($"http://{written}/", UriKind.Absolute, out var parsed) ? parsed.IdnHost.Trim('[', ']').TrimEnd('.').ToLowerInvariant() : plain.ToLowerInvariant();
    }

    private static bool Fits(string host, string pattern) => pattern.StartsWith("*.", StringComparison.Ordinal)
        ? host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
        : host.Equals(pattern, StringComparison.OrdinalIgnoreCase);
}
