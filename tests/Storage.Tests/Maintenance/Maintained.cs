using System.Text;
using Cluster.Engine.Scopes;
using Cluster.Storage.Maintenance;
using Cluster.Storage.Postgres;
using Cluster.Storage.Tests.Postgres;
using Cluster.Storage.Tests.Sqlite;

namespace Cluster.Storage.Tests.Maintenance;

/// <summary>Calls maintenance as an operator does.</summary>
internal static class Maintained
{
    private static readonly TimeProvider Clock = new Stopped();

    public static IProgress<StoreProgress> Silent { get; } = new Nobody();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static IStoreMaintenance Of(TestDirectory directory) => StoreMaintenance.Of($"sqlite:{directory.Path}", Clock);

    public static IStoreMaintenance Of(PostgresSchema schema) => StoreMaintenance.Of($"postgres:{schema.ConnectionString}", Clock);

    public static async Task FillAsync(TestDirectory directory)
    {
        using var store = directory.Open();
        await FilledStore.FillAsync(store.Runs, store.Runs, store.Memories);
    }

    public static async Task FillAsync(PostgresSchema schema)
    {
        var store = schema.NewStore();
        await FilledStore.FillAsync(store, store, new PostgresUserMemories(schema.DataSource, TenantId.Default));
    }

    public static async Task<string> ExportAsync(this IStoreMaintenance store)
    {
        using var written = new MemoryStream();
        await store.ExportAsync(written, Silent, Stop);
        return Encoding.UTF8.GetString(written.ToArray());
    }

    public static async Task<long> ImportAsync(this IStoreMaintenance store, string exported)
    {
        using var source = new MemoryStream(Encoding.UTF8.GetBytes(exported));
        return await store.ImportAsync(source, Silent, Stop);
    }

    public static async Task<IEnumerable<string>> CheckAsync(this IStoreMaintenance store) => (await store.CheckAsync(Silent, Stop)).Problems;

    private sealed class Nobody : IProgress<StoreProgress>
    {
        public void Report(StoreProgress value)
        {
            // Nobody looks.
        }
    }

    private sealed class Stopped : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(2_000);
    }
}
