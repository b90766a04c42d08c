using Cluster.Engine.Scopes;
using Cluster.Storage.Blobs;
using Cluster.Storage.Postgres;
using Cluster.Storage.Tests.Conformance;
using Microsoft.Extensions.Options;

namespace Cluster.Storage.Tests.Postgres;

public sealed class PostgresMediaTests : MediaConformance
{
    [Fact]
    public async Task Parts_go_with_the_content()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var clock = new TestClock();
        var media = NewMedia(schema, clock);
        await media.PutAsync("t", new MemoryStream(Bytes(3_000_000)), Stop);

        Assert.Equal(3L, await schema.ReadAsync<long>("SELECT count(*) FROM media_chunks"));
        clock.Pass(TimeSpan.FromHours(2));
        await media.SweepAsync(Stop);

        Assert.Equal(0L, await schema.ReadAsync<long>("SELECT (SELECT count(*) FROM media_chunks) + (SELECT count(*) FROM media_discards) + (SELECT count(*) FROM media_loose)"));
    }

    protected override async Task<MediaUnderTest> OpenAsync()
    {
        var schema = await PostgresSchema.CreateMigratedAsync();
        var store = schema.NewStore();
        var clock = new TestClock();
        return new MediaUnderTest(
            new StoreUnderTest(store, store, store, store, new PostgresApprovals(schema.DataSource, TenantId.Default), schema.DisposeAsync),
            NewMedia(schema, clock),
            clock);
    }

    private static MediaStore NewMedia(PostgresSchema schema, TestClock clock)
    {
        var database = new PostgresDatabase(schema.DataSource);
        return new MediaStore(new PostgresMediaIndex(database), new PostgresBlobs(database), clock, Options.Create(new MediaOptions()));
    }
}
