namespace Cluster.Tests.Processes;

/// <summary>A gateway and a client of it.</summary>
internal sealed class TestGateway(ServerProcess process, Uri url)
{
    public ServerProcess Process => process;

    public HttpClient Client { get; } = new() { BaseAddress = url, Timeout = Timeout.InfiniteTimeSpan };
}
