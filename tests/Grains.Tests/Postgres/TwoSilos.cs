namespace Cluster.Grains.Tests.Postgres;

/// <summary>Two silos on one database, shared by the tests of a class.</summary>
public sealed class TwoSilos : IAsyncLifetime
{
    private PostgresSchema? _schema;
    private TestSilo? _first;
    private TestSilo? _second;

    internal PostgresSchema Schema => _schema ?? throw Missing();

    internal TestSilo First => _first ?? throw Missing();

    internal TestSilo Second => _second ?? throw Missing();

    public async ValueTask InitializeAsync()
    {
        // A fixture that skips fails its tests: they skip themselves when they ask for what is not there.
        if (!PostgresSchema.IsThere)
        {
            return;
        }

        _schema = await PostgresSchema.CreateMigratedAsync();
        _first = await TestSilo.StartAsync(_schema.ConnectionString);
        _second = await TestSilo.StartAsync(_schema.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in new[] { _second, _first })
        {
            await (silo?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        await (_schema?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private static InvalidOperationException Missing()
    {
        PostgresSchema.SkipWithoutServer();
        return new InvalidOperationException("The silos did not start.");
    }
}
