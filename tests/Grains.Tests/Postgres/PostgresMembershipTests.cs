using System.Net;
using Cluster.Storage.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime.MembershipService;

namespace Cluster.Grains.Tests.Postgres;

public sealed class PostgresMembershipTests
{
    private static readonly DateTime Now = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silo_joins_changes_and_is_read_with_all_it_said()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var table = await OpenAsync(schema);
        var silo = Silo(1, SiloStatus.Joining);

        Assert.True(await table.InsertRowAsync(silo, await VersionAsync(table), Stop));
        silo.Status = SiloStatus.Active;
        silo.AddSuspector(Silo(2).SiloAddress, Now);
        Assert.True(await UpdateAsync(table, silo, await VersionAsync(table)));
        silo.IAmAliveTime = Now.AddMinutes(1);
        await table.UpdateIAmAliveAsync(silo, Stop);

        var read = (await table.ReadRowAsync(silo.SiloAddress, Stop)).Members.Single().Item1;
        Assert.Equal((silo.SiloAddress, "silo-1", "host", SiloStatus.Active, 30_000), (read.SiloAddress, read.SiloName, read.HostName, read.Status, read.ProxyPort));
        Assert.Equal((Now, Now.AddMinutes(1)), (read.StartTime, read.IAmAliveTime));
        Assert.Equal(Silo(2).SiloAddress, Assert.Single(read.SuspectTimes!).Item1);
        Assert.Equal(2, (await table.ReadAllAsync(Stop)).Version.Version);
    }

    [Fact]
    public async Task A_change_on_an_old_version_of_the_table_is_refused_and_changes_nothing()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var table = await OpenAsync(schema);
        var old = await VersionAsync(table);
        var silo = Silo(1);
        Assert.True(await table.InsertRowAsync(silo, old, Stop));

        Assert.False(await table.InsertRowAsync(Silo(2), old, Stop));
        silo.Status = SiloStatus.Dead;
        Assert.False(await UpdateAsync(table, silo, old));
        Assert.False(await table.InsertRowAsync(silo, await VersionAsync(table), Stop));
        Assert.False(await UpdateAsync(table, Silo(3), await VersionAsync(table)));

        var all = await table.ReadAllAsync(Stop);
        Assert.Equal(1, all.Version.Version);
        Assert.Equal(SiloStatus.Active, Assert.Single(all.Members).Item1.Status);
    }

    [Fact]
    public async Task Of_many_changes_at_once_on_one_version_one_succeeds()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var table = await OpenAsync(schema);
        for (var round = 0; round < 20; round++)
        {
            var version = await VersionAsync(table);

            var joined = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => table.InsertRowAsync(Silo((round * 10) + i), version, Stop)));

            Assert.Single(joined, hasJoined => hasJoined);
        }

        Assert.Equal((20, 20), ((await table.ReadAllAsync(Stop)).Members.Count, (await VersionAsync(table)).Version - 1));
    }

    [Fact]
    public async Task Silos_that_have_long_been_silent_are_forgotten_unless_they_are_active()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var table = await OpenAsync(schema);
        foreach (var (port, status, alive) in new[]
        {
            (1, SiloStatus.Dead, Now), (2, SiloStatus.Joining, Now), (3, SiloStatus.Active, Now), (4, SiloStatus.Dead, Now.AddDays(1)),
        })
        {
            var silo = Silo(port, status);
            silo.IAmAliveTime = alive;
            Assert.True(await table.InsertRowAsync(silo, await VersionAsync(table), Stop));
        }

        await table.CleanupDefunctSiloEntriesAsync(Now.AddHours(1), Stop);

        Assert.Equal([3, 4], (await table.ReadAllAsync(Stop)).Members.Select(member => member.Item1.SiloAddress.Endpoint.Port).Order());
    }

    [Fact]
    public async Task Clusters_do_not_see_each_other_and_one_is_removed_without_the_other()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var (one, other) = (await OpenAsync(schema, "one"), await OpenAsync(schema, "other"));
        Assert.True(await one.InsertRowAsync(Silo(1), await VersionAsync(one), Stop));
        Assert.True(await other.InsertRowAsync(Silo(1), await VersionAsync(other), Stop));

        await one.DeleteMembershipTableEntriesAsync("one", Stop);

        Assert.Single((await other.ReadAllAsync(Stop)).Members);
        Assert.Equal(["other"], await schema.ReadAsync<string>("SELECT cluster_id FROM orleans_membership_version"));
    }

    private static async Task<AdoNetClusteringTable> OpenAsync(PostgresSchema schema, string clusterId = "test")
    {
        var table = new AdoNetClusteringTable(
            new ServiceCollection().BuildServiceProvider(),
            Options.Create(new ClusterOptions { ClusterId = clusterId }),
            Options.Create(new AdoNetClusteringSiloOptions { Invariant = PostgresConnection.Invariant, ConnectionString = schema.ConnectionString }),
            NullLogger<AdoNetClusteringTable>.Instance);
        await table.InitializeMembershipTableAsync(tryInitTableVersion: true, Stop);
        await table.InitializeMembershipTableAsync(tryInitTableVersion: true, Stop);
        return table;
    }

    /// <summary>A row has no version of its own: what was read of the table stands for it.</summary>
    private static Task<bool> UpdateAsync(AdoNetClusteringTable table, MembershipEntry silo, TableVersion version) => table.UpdateRowAsync(silo, version.VersionEtag, version, Stop);

    private static async Task<TableVersion> VersionAsync(AdoNetClusteringTable table) => (await table.ReadAllAsync(Stop)).Version.Next();

    private static MembershipEntry Silo(int port, SiloStatus status = SiloStatus.Active) => new()
    {
        SiloAddress = SiloAddress.New(IPAddress.Loopback, port, 1),
        SiloName = $"silo-{port}",
        HostName = "host",
        Status = status,
        ProxyPort = 30_000,
        StartTime = Now,
        IAmAliveTime = Now,
    };
}
