using Cluster.Engine.Scopes;
using Cluster.Storage.Postgres;
using Cluster.Storage.Retention;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Postgres;

public sealed class PostgresRunLogTests : RunLogConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresSchema.OpenStoreAsync();
}

public sealed class PostgresRunRecordsTests : RunRecordsConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresSchema.OpenStoreAsync();
}

public sealed class PostgresSessionStoreTests : SessionStoreConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresSchema.OpenStoreAsync();
}

public sealed class PostgresConcurrencyTests : ConcurrencyConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresSchema.OpenStoreAsync();
}

public sealed class PostgresSessionCopiesTests : SessionCopiesConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresSchema.OpenStoreAsync();
}

public sealed class PostgresMemberRunsTests : MemberRunsConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresSchema.OpenStoreAsync();
}

public sealed class PostgresApprovalTests : ApprovalConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresSchema.OpenStoreAsync();
}

public sealed class PostgresRetentionTests : RetentionConformance
{
    protected override async Task<RetentionUnderTest> OpenAsync()
    {
        var schema = await PostgresSchema.CreateMigratedAsync();
        var store = schema.NewStore();
        var opened = new StoreUnderTest(store, store, store, store, new PostgresApprovals(schema.DataSource, TenantId.Default), schema.DisposeAsync);
        return new RetentionUnderTest(opened, new PostgresRetention(schema.DataSource, TenantId.Default));
    }
}

public sealed class PostgresFieldTests : FieldConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresSchema.OpenStoreAsync();
}
