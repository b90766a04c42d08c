using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Cluster.Gateway.Tests.Silos;

/// <summary>The ports of a silo.</summary>
/// <param name="Silo">Where other silos reach it.</param>
/// <param name="Gateway">Where gateways do.</param>
internal sealed record SiloPorts(int Silo, int Gateway)
{
    /// <summary>Finds ports that nobody listens at now.</summary>
    public static SiloPorts Find()
    {
        // Both are taken at once, so that they differ.
        using var silo = new TcpListener(IPAddress.Loopback, 0);
        using var gateway = new TcpListener(IPAddress.Loopback, 0);
        silo.Start();
        gateway.Start();
        return new SiloPorts(((IPEndPoint)silo.LocalEndpoint).Port, ((IPEndPoint)gateway.LocalEndpoint).Port);
    }

    public Dictionary<string, string?> ToSettings() => new()
    {
        ["Cluster:GatewayPort"] = Gateway.ToString(CultureInfo.InvariantCulture),
        ["Silo:Port"] = Silo.ToString(CultureInfo.InvariantCulture),
    };
}
