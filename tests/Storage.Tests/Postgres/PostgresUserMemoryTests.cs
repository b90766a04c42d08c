using Cluster.Engine.Errors;
using Cluster.Engine.Memory;
using Cluster.Engine.Scopes;
using Cluster.Storage.Postgres;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Postgres;

public sealed class PostgresUserMemoryTests : UserMemoryConformance
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_memory_whose_answer_is_lost_is_there_once()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        await using var relay = new PostgresRelay(schema.ConnectionString);
        await using var dataSource = PostgresConnection.CreateDataSource(relay.ConnectionString);
        var memories = new PostgresUserMemories(dataSource, TenantId.Default);
        await memories.AddAsync(Samples.Memory("m0"), Stop);

        relay.LoseAnswerTo("the-lost-one");
        var added = await memories.AddAsync(Samples.Memory("the-lost-one"), Stop);

        Assert.Equal(1, relay.LostAnswers);
        Assert.Equal("the-lost-one", added!.MemoryId);
        Assert.Equal(2, (await memories.ListAsync(new UserMemoryQuery(MemoryScope.Of("ann")), Stop)).TotalCount);
    }

    [Fact]
    public async Task Users_that_rows_cannot_name_are_refused()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var memories = new PostgresUserMemories(schema.DataSource, TenantId.Default);

        await Assert.ThrowsAsync<InvalidRequestException>(() => memories.AddAsync(Samples.Memory("m1", "a\0"), Stop));
        await Assert.ThrowsAsync<InvalidRequestException>(() => memories.ListAsync(new UserMemoryQuery(MemoryScope.Of(new string('x', 601))), Stop));
    }

    protected override async Task<MemoriesUnderTest> OpenAsync()
    {
        var schema = await PostgresSchema.CreateMigratedAsync();
        return new MemoriesUnderTest(new PostgresUserMemories(schema.DataSource, TenantId.Default), schema.DisposeAsync);
    }
}
