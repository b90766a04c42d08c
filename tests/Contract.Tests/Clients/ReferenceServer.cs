using Cluster.Contract.Host;
using Cluster.Contract.Tests.Replay;
using Microsoft.AspNetCore.Builder;

namespace Cluster.Contract.Tests.Clients;

/// <summary>One server with the reference components, shared by the tests of a class. Each test has sessions of its own.</summary>
public sealed class ReferenceServer : IAsyncLifetime
{
    private readonly StepClock _clock = new();
    private readonly WebApplication _app;

    public ReferenceServer() => _app = ReferenceHost.Build(["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "Warning"], _clock);

    public HttpClient Client { get; } = new();

    public async ValueTask InitializeAsync()
    {
        await _app.StartAsync();
        Client.BaseAddress = new Uri(_app.Urls.First());
    }

    /// <summary>Lets the slow agent speak so many more words.</summary>
    public Task SpeakAsync(int words, CancellationToken cancellationToken) => _clock.StepAsync(words, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
