using Cluster.Storage.Sqlite;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Sqlite;

public sealed class SqliteTenantTests : TenantConformance
{
    protected override Task<TenantsUnderTest> OpenAsync()
    {
        var directory = new TestDirectory();
        var opened = directory.Open();
        return Task.FromResult(new TenantsUnderTest(
            tenant =>
            {
                var store = new SqliteStore(opened.Database, tenant);
                return new TenantStores(store, store, store, new SqliteUserMemories(opened.Database, tenant));
            },
            () =>
            {
                opened.Dispose();
                directory.Dispose();
                return ValueTask.CompletedTask;
            }));
    }
}
