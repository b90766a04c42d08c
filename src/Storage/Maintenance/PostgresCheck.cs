using System.Data.Common;
using Cluster.Storage.Postgres;
using Cluster.Storage.Sql;
using Npgsql;

namespace Cluster.Storage.Maintenance;

/// <summary>Looks for damage in a database of PostgreSQL: what stands in its tables. Of its files the server's own tools tell.</summary>
/// <param name="connection">A connection in a transaction that sees one moment.</param>
/// <param name="progress">Hears how far it is.</param>
internal sealed class PostgresCheck(NpgsqlConnection connection, IProgress<StoreProgress> progress)
{
    private const int RowsBetweenReports = 1_000;

    private readonly Problems _problems = new();

    /// <summary>Looks at everything.</summary>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>What was found.</returns>
    public async Task<StoreReport> RunAsync(CancellationToken cancellationToken)
    {
        var total = (await new Statement("SELECT count(*) FROM runs").QueryAsync(connection, row => row.GetInt64(0), cancellationToken))[0];
        var runs = new RunCheck(_problems);
        var sql = $"SELECT {RunCheck.Columns} FROM runs r LEFT JOIN sessions s USING (tenant_id, session_id) LEFT JOIN run_events e ON e.tenant_id = r.tenant_id AND e.run_id = r.run_id ORDER BY r.tenant_id, r.run_id, e.position";
        await EachAsync("check runs", sql, total, (row, _) => runs.Add(row), cancellationToken);
        runs.Finish();
        await EachAsync(
            "check run_events",
            "SELECT DISTINCT e.run_id, e.tenant_id FROM run_events e WHERE NOT EXISTS (SELECT FROM runs r WHERE r.tenant_id = e.tenant_id AND r.run_id = e.run_id)",
            0,
            (row, problems) => problems.Add($"Events stand under the id {row.GetString(0)}, which no run has."),
            cancellationToken);
        await EachAsync("check sessions", RowChecks.Sessions, 0, RowChecks.CheckSession, cancellationToken);
        await EachAsync("check approvals", RowChecks.Approvals, 0, RowChecks.CheckApproval, cancellationToken);
        await EachAsync("check user_memories", RowChecks.Memories, 0, RowChecks.CheckMemory, cancellationToken);
        await EachAsync("check media", MediaChecks.Missing, 0, MediaChecks.AddMissing, cancellationToken);
        await EachAsync("check media", MediaChecks.Broken, 0, MediaChecks.AddBroken, cancellationToken);
        await EachAsync("check media", MediaChecks.Orphans, 0, MediaChecks.AddOrphan, cancellationToken);
        return _problems.ToReport(runs.Count);
    }

    private async Task EachAsync(string step, string sql, long total, Action<DbDataReader, Problems> check, CancellationToken cancellationToken)
    {
        var done = 0L;
        await foreach (var row in new Statement(sql).RowsAsync(connection, cancellationToken))
        {
            check(row, _problems);
            if (++done % RowsBetweenReports == 0)
            {
                progress.Report(new StoreProgress(step, done, total, "rows"));
            }
        }

        progress.Report(new StoreProgress(step, done, total, "rows"));
    }
}
