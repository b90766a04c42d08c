using System.Data.Common;
using Cluster.Storage.Sql;
using Cluster.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Cluster.Storage.Maintenance;

/// <summary>Looks for damage in a database of SQLite: first its pages and indexes, then what stands in them.</summary>
/// <param name="connection">The connection.</param>
/// <param name="media">The directory of content.</param>
/// <param name="progress">Hears how far it is.</param>
/// <param name="cancellationToken">Stops.</param>
internal sealed class SqliteCheck(PreparedConnection connection, string media, IProgress<StoreProgress> progress, CancellationToken cancellationToken)
{
    private const int RowsBetweenReports = 1_000;

    private readonly Problems _problems = new();

    /// <summary>Looks at everything.</summary>
    /// <returns>What was found.</returns>
    public Task<StoreReport> RunAsync()
    {
        var runs = new RunCheck(_problems);
        try
        {
            connection.Execute("BEGIN");
            CheckPages();
            CheckRuns(runs);
            CheckOrphans();
            Each("check sessions", RowChecks.Sessions, RowChecks.CheckSession);
            Each("check approvals", RowChecks.Approvals, RowChecks.CheckApproval);
            Each("check user_memories", RowChecks.Memories, RowChecks.CheckMemory);
            Each("check media", MediaChecks.Missing, MediaChecks.AddMissing);
            var discards = connection.Query(new Statement(MediaChecks.Discards), row => (row.GetString(0), row.GetString(1)));
            MediaChecks.CheckFiles(media, connection.Query(new Statement(MediaChecks.Places), row => (row.GetString(0), row.GetString(1), row.GetInt64(2))), discards, _problems);
        }
        catch (SqliteException damage) when (SqliteErrors.IsDamage(damage))
        {
            // What stands behind the damage could not be looked at.
            _problems.Add($"The database cannot be read on from here: {damage.Message}");
        }

        return Task.FromResult(_problems.ToReport(runs.Count));
    }

    private void CheckPages()
    {
        connection.Watch(() =>
        {
            progress.Report(new StoreProgress("check pages", 0, 0, "pages"));
            return !cancellationToken.IsCancellationRequested;
        });
        foreach (var row in connection.Rows(new Statement("PRAGMA integrity_check")))
        {
            if (row.GetString(0) is var found && found != "ok")
            {
                _problems.Add($"SQLite: {found.ReplaceLineEndings(" ")}");
            }
        }

        connection.Watch(() => !cancellationToken.IsCancellationRequested);
    }

    private void CheckRuns(RunCheck runs)
    {
        var total = connection.Number(new Statement("SELECT count(*) FROM runs"))!.Value;
        var sql = $"SELECT {RunCheck.Columns} FROM runs r LEFT JOIN sessions s ON s.creation = r.session LEFT JOIN run_events e ON e.run = r.sequence ORDER BY r.sequence, e.position";
        foreach (var row in connection.Rows(new Statement(sql)))
        {
            runs.Add(row);
            if (runs.Count % RowsBetweenReports == 0)
            {
                progress.Report(new StoreProgress("check runs", runs.Count, total, "runs"));
            }
        }

        runs.Finish();
        progress.Report(new StoreProgress("check runs", runs.Count, total, "runs"));
    }

    private void CheckOrphans()
    {
        foreach (var row in connection.Rows(new Statement("SELECT DISTINCT e.run FROM run_events e WHERE NOT EXISTS (SELECT 1 FROM runs r WHERE r.sequence = e.run)")))
        {
            _problems.Add($"Events stand under the number {row.GetInt64(0)}, which no run has.");
        }
    }

    private void Each(string step, string sql, Action<DbDataReader, Problems> check)
    {
        var done = 0L;
        foreach (var row in connection.Rows(new Statement(sql)))
        {
            check(row, _problems);
            if (++done % RowsBetweenReports == 0)
            {
                progress.Report(new StoreProgress(step, done, 0, "rows"));
            }
        }
    }
}
