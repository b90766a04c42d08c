using Cluster.Contract.Host;

namespace Cluster.Contract.Tests.Replay;

/// <summary>A server with the reference components.</summary>
/// <param name="address">Where it listens.</param>
/// <param name="clock">The clock by which its slow model waits.</param>
/// <param name="end">Ends it.</param>
internal sealed class ReferenceServer(Uri address, StepClock clock, Func<ValueTask> end) : IAsyncDisposable
{
    public Uri Address => address;

    public StepClock Clock => clock;

    /// <summary>Starts a server in this process on a random port.</summary>
    /// <param name="store">Its store: <c>memory</c>, or <c>sqlite</c> in a folder that goes with the server.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task<ReferenceServer> StartAsync(string store, CancellationToken cancellationToken)
    {
        var clock = new StepClock();
        var folder = Directory.CreateTempSubdirectory("contract-");
        var where = store == "sqlite" ? folder.FullName : string.Empty;
        var app = ReferenceHost.Build(["--urls", "http://127.0.0.1:0", "--store", $"{store}:{where}", "--Logging:LogLevel:Default", "Warning"], clock);
        await app.StartAsync(cancellationToken);
        return new ReferenceServer(new Uri(app.Urls.First()), clock, async () =>
        {
            await app.DisposeAsync();
            folder.Delete(recursive: true);
        });
    }

    public ValueTask DisposeAsync() => end();
}
