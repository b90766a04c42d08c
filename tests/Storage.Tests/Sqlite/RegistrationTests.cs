using Cluster.Engine.Errors;
using Cluster.Engine.Memory;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Storage.Sqlite;
using Cluster.Storage.Tests.Conformance;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using GenericHost = Microsoft.Extensions.Hosting.Host;

namespace Cluster.Storage.Tests.Sqlite;

public sealed class RegistrationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_store_takes_the_place_of_the_one_in_memory_in_either_order(bool engineFirst)
    {
        using var directory = new TestDirectory();
        var services = new ServiceCollection().AddLogging();
        services = engineFirst ? services.AddEngine().AddSqliteStorage(directory.Path) : services.AddSqliteStorage(directory.Path).AddEngine();
        await using var provider = services.AddSqliteStorage(directory.Path).BuildServiceProvider();

        var store = provider.GetRequiredService<SqliteStore>();

        Assert.Same(store, Assert.Single(provider.GetServices<IRunLog>()));
        Assert.Same(store, Assert.Single(provider.GetServices<IRunRecords>()));
        Assert.Same(store, Assert.Single(provider.GetServices<ISessionStore>()));
        Assert.IsType<SqliteUserMemories>(Assert.Single(provider.GetServices<IUserMemoryStore>()));
        Assert.Single(provider.GetServices<IHostedService>());
    }

    [Fact]
    public async Task The_directory_comes_from_the_configuration()
    {
        using var directory = new TestDirectory();
        var builder = GenericHost.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("Storage:Sqlite:Directory", directory.Path)]);
        builder.Services.AddSqliteStorage();
        using var host = builder.Build();

        await host.StartAsync(Stop);

        Assert.True(File.Exists(directory.DatabaseFile));
        await host.StopAsync(Stop);
        await ((IAsyncDisposable)host).DisposeAsync();
        Assert.NotEmpty(await directory.ReadAsync());
    }

    [Fact]
    public async Task A_directory_that_cannot_be_used_stops_the_start()
    {
        using var directory = new TestDirectory();
        using var holder = directory.Open();
        var builder = GenericHost.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSqliteStorage(directory.Path);
        using var host = builder.Build();

        await Assert.ThrowsAsync<UnavailableException>(() => host.StartAsync(Stop));
    }

    [Theory]
    [InlineData("MaxBatchSize", "0")]
    [InlineData("CheckpointBytes", "-1")]
    [InlineData("CacheBytes", "-1")]
    [InlineData("Directory", "")]
    public async Task Settings_out_of_range_stop_the_start(string name, string value)
    {
        var builder = GenericHost.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new($"Storage:Sqlite:{name}", value)]);
        builder.Services.AddSqliteStorage();
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Stop));

        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_opens_the_store_before_anything_else_of_it_starts()
    {
        using var directory = new TestDirectory();
        var builder = GenericHost.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddHostedService<FirstUse>().AddEngine().AddSqliteStorage(directory.Path);
        using var host = builder.Build();

        await host.StartAsync(Stop);

        Assert.NotNull(await host.Services.GetRequiredService<ISessionStore>().FindAsync("first", Stop));
        await host.StopAsync(Stop);
        await ((IAsyncDisposable)host).DisposeAsync();
    }

    private sealed class FirstUse(ISessionStore sessions) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => sessions.CreateAsync(Samples.Session("first"), cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
