using Cluster.Engine.Scopes;
using Cluster.Storage.Retention;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Sqlite;

public sealed class SqliteRunLogTests : RunLogConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => TestDirectory.OpenStoreAsync();
}

public sealed class SqliteRunRecordsTests : RunRecordsConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => TestDirectory.OpenStoreAsync();
}

public sealed class SqliteSessionStoreTests : SessionStoreConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => TestDirectory.OpenStoreAsync();
}

public sealed class SqliteConcurrencyTests : ConcurrencyConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => TestDirectory.OpenStoreAsync();
}

public sealed class SqliteSessionCopiesTests : SessionCopiesConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => TestDirectory.OpenStoreAsync();
}

public sealed class SqliteMemberRunsTests : MemberRunsConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => TestDirectory.OpenStoreAsync();
}

public sealed class SqliteApprovalTests : ApprovalConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => TestDirectory.OpenStoreAsync();
}

public sealed class SqliteUserMemoryTests : UserMemoryConformance
{
    protected override Task<MemoriesUnderTest> OpenAsync()
    {
        var directory = new TestDirectory();
        var store = directory.Open();
        return Task.FromResult(new MemoriesUnderTest(store.Memories, () =>
        {
            store.Dispose();
            directory.Dispose();
            return ValueTask.CompletedTask;
        }));
    }
}

public sealed class SqliteRetentionTests : RetentionConformance
{
    protected override Task<RetentionUnderTest> OpenAsync()
    {
        var directory = new TestDirectory();
        var store = directory.Open();
        var opened = new StoreUnderTest(store.Runs, store.Runs, store.Runs, store.Runs, store.Approvals, () =>
        {
            store.Dispose();
            directory.Dispose();
            return ValueTask.CompletedTask;
        });
        return Task.FromResult(new RetentionUnderTest(opened, new SqliteRetention(store.Database, TenantId.Default)));
    }
}

public sealed class SqliteFieldTests : FieldConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => TestDirectory.OpenStoreAsync();
}
