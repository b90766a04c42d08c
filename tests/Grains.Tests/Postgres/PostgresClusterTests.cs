using Cluster.Engine.Errors;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace Cluster.Grains.Tests.Postgres;

public sealed class PostgresClusterTests(TwoSilos silos) : IClassFixture<TwoSilos>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silos_find_each_other_through_the_database()
    {
        var hosts = await silos.First.Grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true, Stop);

        Assert.Equal(2, hosts.Count);
        Assert.Equal([3, 3], await silos.Schema.ReadAsync<int>("SELECT status FROM orleans_membership WHERE cluster_id = 'test'"));
    }

    [Fact]
    public async Task A_client_finds_the_silos_through_the_database()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleansClient(client => client
            .UsePostgres(silos.Schema.ConnectionString)
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = ("test", "test")));
        using var host = builder.Build();
        await host.StartAsync(Stop);

        var notebook = host.Services.GetRequiredService<IGrainFactory>().GetGrain<INotebookGrain>("t/default/s/client");
        await notebook.WriteAsync("from outside");

        Assert.Equal("from outside", await silos.Second.Grains.GetGrain<INotebookGrain>("t/default/s/client").ReadAsync());
        await host.StopAsync(Stop);
    }

    [Fact]
    public async Task A_reminder_is_recorded_rings_and_is_forgotten_when_it_is_unset()
    {
        const string Key = "t/default/r/alarm";
        var alarm = silos.First.Grains.GetGrain<IAlarmGrain>(Key);

        await alarm.SetAsync("wake", TimeSpan.FromSeconds(2));
        await alarm.SetAsync("lunch", TimeSpan.FromHours(1));
        await alarm.SetAsync("lunch", TimeSpan.FromHours(2));

        Assert.Equal(["lunch", "wake"], await alarm.ListAsync());
        Assert.Equal(2, (await silos.Schema.ReadAsync<string>($"SELECT reminder_name FROM orleans_reminders WHERE grain_id = 'test-alarm/{Key}'")).Count);
        await (await Task.WhenAny(silos.First.Get<AlarmClock>().HeardAsync(Key), silos.Second.Get<AlarmClock>().HeardAsync(Key))).WaitAsync(TimeSpan.FromMinutes(2), Stop);
        await alarm.UnsetAsync("wake");
        Assert.Equal(["lunch"], await alarm.ListAsync());
        Assert.Equal(["lunch"], await silos.Schema.ReadAsync<string>($"SELECT reminder_name FROM orleans_reminders WHERE grain_id = 'test-alarm/{Key}'"));
    }

    [Fact]
    public async Task Subscriptions_to_streams_outlive_the_silos()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        await using (var silo = await TestSilo.StartAsync(schema.ConnectionString))
        {
            await silo.Grains.GetGrain<IListenerGrain>("one").ListenAsync();
        }

        await using var next = await TestSilo.StartAsync(schema.ConnectionString);

        Assert.Equal(1, await next.Grains.GetGrain<IListenerGrain>("one").CountSubscriptionsAsync());
        Assert.Equal(0, await next.Grains.GetGrain<IListenerGrain>("two").CountSubscriptionsAsync());
    }

    [Fact]
    public async Task A_silo_does_not_migrate_a_database_but_says_who_does()
    {
        await using var schema = await PostgresSchema.CreateAsync();

        var refusal = await Assert.ThrowsAsync<ConflictException>(() => TestSilo.StartAsync(schema.ConnectionString));

        Assert.Contains("silo migrate", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, await schema.Migrator.GetVersionAsync(Stop));
    }
}
