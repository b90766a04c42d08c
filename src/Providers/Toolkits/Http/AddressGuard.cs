using System.Net;
using System.Net.Sockets;

namespace Cluster.Providers.Toolkits.Http;

/// <summary>Tells addresses of the public internet from those that only machines inside of a network can reach.</summary>
internal static class AddressGuard
{
    /// <summary>What IANA's registry of special purposes keeps from the public IPv4 internet, and Azure's metadata, which has a public address.</summary>
    private static readonly IPNetwork[] SpecialIPv4 = Parse(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4");

    /// <summary>The only IPv6 addresses that are given out for the public; loopback, link-local, unique-local and multicast are outside of it.</summary>
    private static readonly IPNetwork PublicIPv6 = IPNetwork.Parse("2000::/3");

    /// <summary>Teredo, benchmarks and other protocols; documentation.</summary>
    private static readonly IPNetwork[] SpecialIPv6 = Parse("2001::/23", "2001:db8::/32", "3fff::/20");

    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Compatible = IPNetwork.Parse("::/96");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork LocalNat64 = IPNetwork.Parse("64:ff9b:1::/48");

    /// <summary>Tells whether an address belongs to the public internet.</summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return !SpecialIPv4.Any(network => network.Contains(address));
        }

        // Addresses that carry an IPv4 address end up there.
        return EmbeddedIPv4(address) is { } embedded
            ? IsPublic(embedded)
            : PublicIPv6.Contains(address) && !SpecialIPv6.Any(network => network.Contains(address));
    }

    /// <summary>Gives the address in which a connection ends up.</summary>
    public static IPAddress Innermost(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork ? address
            : EmbeddedIPv4(address) is { } embedded ? embedded
            : LocalNat64.Contains(address) || (Compatible.Contains(address) && !IPAddress.IsLoopback(address) && !address.Equals(IPAddress.IPv6Any)) ? new IPAddress(address.GetAddressBytes().AsSpan(12))
            : address.ScopeId != 0 ? new IPAddress(address.GetAddressBytes())
            : address;

    /// <summary>Tells whether an address reaches the machine that connects.</summary>
    public static bool IsThisMachine(IPAddress address) =>
        IPAddress.IsLoopback(address) || IsAny(address);

    /// <summary>Tells whether an address stands for any: a connection to it reaches the machine that connects.</summary>
    public static bool IsAny(IPAddress address) => address.Equals(IPAddress.IPv6Any) || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] == 0);

    private static IPAddress? EmbeddedIPv4(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
            : SixToFour.Contains(address) ? new IPAddress(bytes.AsSpan(2, 4))
            : Nat64.Contains(address) ? new IPAddress(bytes.AsSpan(12, 4))
            : null;
    }

    private static IPNetwork[] Parse(params string[] networks) => [.. networks.Select(IPNetwork.Parse)];
}
