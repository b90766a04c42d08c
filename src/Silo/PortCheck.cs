using System.Net;
using System.Net.Sockets;
using Cluster.Engine.Errors;
using Microsoft.Extensions.Options;
using ClusterOptions = Cluster.Grains.Interfaces.Hosting.ClusterOptions;

namespace Cluster.Silo;

/// <summary>Finds out before the runtime starts whether its ports are free: it would only say that some address is in use, in several stack traces.</summary>
/// <param name="silo">Where this silo listens.</param>
/// <param name="cluster">Where it takes gateways.</param>
internal sealed class PortCheck(IOptions<SiloOptions> silo, IOptions<ClusterOptions> cluster) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        Try(silo.Value.Port, "for other silos (Silo:Port)");
        Try(cluster.Value.GatewayPort, "for gateways (Cluster:GatewayPort)");
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Try(int port, string purpose)
    {
        var isLocal = IPAddress.TryParse(silo.Value.Address, out var address) && IPAddress.IsLoopback(address);
        try
        {
            using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(isLocal ? IPAddress.Loopback : IPAddress.Any, port));
            listener.Listen();
        }
        catch (SocketException failure)
        {
            throw new ConflictException($"It cannot listen at port {port} {purpose}: {failure.Message}. Choose another one, or end the program that has it.");
        }
    }
}
