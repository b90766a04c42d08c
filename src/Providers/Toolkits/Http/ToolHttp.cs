using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Cluster.Engine.Errors;

namespace Cluster.Providers.Toolkits.Http;

/// <summary>
/// The connections of all toolkits to the internet. What is checked is the address that is connected to, after the name was looked up, so a name that
/// stands for an inner address leads nowhere. There is no proxy: behind one, nobody could tell where a request ends up.
/// </summary>
internal static class ToolHttp
{
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Gets the connections that reach public addresses only.</summary>
    public static HttpMessageInvoker Guarded { get; } = Create(LookUpAsync, AddressGuard.IsPublic);

    /// <summary>Gets the connections that reach every address.</summary>
    public static HttpMessageInvoker Open { get; } = Create(LookUpAsync, static _ => true);

    /// <summary>Gives the connections of a toolkit. Where addresses are denied, it has its own: others may have connected to them.</summary>
    /// <param name="reachesInside">Whether addresses inside of networks may be reached.</param>
    /// <param name="hosts">Which hosts may be asked.</param>
    public static HttpMessageInvoker For(bool reachesInside, HostRules hosts) => hosts.DeniesAddresses
        ? Create(LookUpAsync, address => (reachesInside || AddressGuard.IsPublic(address)) && !hosts.Denies(address), static host => $"The host '{host}' is not allowed. Use another source.")
        : reachesInside ? Open : Guarded;

    /// <summary>Makes connections.</summary>
    /// <param name="lookUp">Finds the addresses of a name.</param>
    /// <param name="isAllowed">Tells which of them may be connected to.</param>
    /// <param name="refusal">Says why none of them may; null for the usual words.</param>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The invoker disposes its handler.")]
    public static HttpMessageInvoker Create(Func<string, CancellationToken, Task<IPAddress[]>> lookUp, Func<IPAddress, bool> isAllowed, Func<string, string>? refusal = null) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.All,
        PooledConnectionLifetime = ConnectionLifetime,
        ConnectTimeout = ConnectTimeout,
        ConnectCallback = async (connection, cancellationToken) =>
        {
            var addresses = await lookUp(connection.DnsEndPoint.Host, cancellationToken);
            var allowed = Array.FindAll(addresses, address => isAllowed(address));
            return allowed.Length > 0
                ? await ConnectAsync(allowed, connection.DnsEndPoint.Port, cancellationToken)
                : throw (addresses.Length > 0 && refusal is not null ? new ForbiddenException(refusal(connection.DnsEndPoint.Host)) : addresses.Length > 0
                    ? new ForbiddenException($"'{connection.DnsEndPoint.Host}' is an address inside of a network, which is not allowed. Use a public address.")
                    : new SocketException((int)SocketError.HostNotFound));
        },
    });

    private static async Task<IPAddress[]> LookUpAsync(string host, CancellationToken cancellationToken) =>
        IPAddress.TryParse(host, out var address) ? [address] : await Dns.GetHostAddressesAsync(host, cancellationToken);

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The stream disposes its socket.")]
    private static async Task<Stream> ConnectAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            var socket = new Socket(addresses[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(addresses[i], port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException) when (i < addresses.Length - 1)
            {
                // The next address may answer.
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }
}
