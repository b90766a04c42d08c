using Cluster.Storage.Postgres;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Postgres;

public sealed class PostgresTenantTests : TenantConformance
{
    protected override async Task<TenantsUnderTest> OpenAsync()
    {
        var schema = await PostgresSchema.CreateMigratedAsync();
        var batches = schema.NewBatches();
        return new TenantsUnderTest(
            tenant =>
            {
                var store = new PostgresStore(batches, tenant);
                return new TenantStores(store, store, store, new PostgresUserMemories(schema.DataSource, tenant));
            },
            schema.DisposeAsync);
    }
}
