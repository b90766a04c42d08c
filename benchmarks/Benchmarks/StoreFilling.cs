using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Sessions;
using Cluster.Storage.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NpgsqlTypes;

namespace Cluster.Benchmarks;

/// <summary>Fills a store with runs that look like real ones, so that what is measured is measured on full tables: five runs a session, each copied from one that an engine made.</summary>
/// <param name="template">The run that others are made of.</param>
internal sealed class StoreFilling(RunTemplate template)
{
    private const int RunsPerSession = 5;
    private const int SessionsAtOnce = 2_000;

    public static async Task FillAsync(string store, string agentId, int runs, bool analyze, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var filling = new StoreFilling(await RunTemplate.MakeAsync(agentId, cancellationToken));
        var sessions = (runs + RunsPerSession - 1) / RunsPerSession;
        if (store.StartsWith("postgres:", StringComparison.Ordinal))
        {
            await filling.CopyAsync(store["postgres:".Length..], sessions, analyze, cancellationToken);
        }
        else
        {
            await filling.WriteAsync(store, agentId, sessions, cancellationToken);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sessions * RunsPerSession:N0} runs in {sessions:N0} sessions, {clock.Elapsed.TotalSeconds:N0} s"));
    }

    private SessionRecord NewSession(int number) => template.Session with
    {
        SessionId = SessionPool.Of(number),
        CreatedAt = template.Session.CreatedAt + number,
        UpdatedAt = template.Session.UpdatedAt + number,
        Metrics = Enumerable.Repeat(template.Session.Metrics!, RunsPerSession).Aggregate(RunMetrics.None, (sum, run) => sum.Add(run)),
    };

    private async Task WriteAsync(string store, string agentId, int sessions, CancellationToken cancellationToken)
    {
        await using var harness = await Harness.StartWithAsync(store, Harness.NewAgent(agentId, withTool: false));
        var copies = harness.Services.GetRequiredService<ISessionCopies>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, sessions),
            new ParallelOptions { MaxDegreeOfParallelism = 256, CancellationToken = cancellationToken },
            async (number, stop) =>
            {
                var session = NewSession(number);
                await copies.CreateAsync(new SessionCopy(session, [.. Enumerable.Range(0, RunsPerSession).Select(_ => template.NewRun(session.SessionId).ToCopy())]), stop);
            });
    }

    private async Task CopyAsync(string connectionString, int sessions, bool analyze, CancellationToken cancellationToken)
    {
        await using var source = PostgresConnection.CreateDataSource(connectionString);
        await new PostgresMigrator(source).UpAsync(cancellationToken);
        await using var connection = await source.OpenConnectionAsync(cancellationToken);

        // Otherwise the server looks at the tables by itself, some time after they have grown.
        await ExecuteAsync(connection, $"ALTER TABLE sessions SET (autovacuum_enabled = {analyze}); ALTER TABLE runs SET (autovacuum_enabled = {analyze}); ALTER TABLE run_events SET (autovacuum_enabled = {analyze})");
        for (var first = 0; first < sessions; first += SessionsAtOnce)
        {
            await CopyAsync(connection, [.. Enumerable.Range(first, Math.Min(SessionsAtOnce, sessions - first)).Select(NewSession)], cancellationToken);
        }

        if (analyze)
        {
            await ExecuteAsync(connection, "VACUUM ANALYZE sessions, runs, run_events");
        }
    }

    private async Task CopyAsync(NpgsqlConnection connection, SessionRecord[] sessions, CancellationToken cancellationToken)
    {
        await CopyAsync(connection, "sessions (session_id, session_type, component_id, first_input, session_state, metrics, component_data, created_at, updated_at)", sessions, session =>
        [
            (session.SessionId, NpgsqlDbType.Text), ("agent", NpgsqlDbType.Text), (session.ComponentId, NpgsqlDbType.Text), (JsonSerializer.Serialize(session.FirstInput), NpgsqlDbType.Json),
            ("{}", NpgsqlDbType.Json), (JsonSerializer.Serialize(session.Metrics, EngineJson.Context.RunMetrics!), NpgsqlDbType.Json), (session.ComponentData?.GetRawText(), NpgsqlDbType.Json),
            (session.CreatedAt, NpgsqlDbType.Bigint), (session.UpdatedAt, NpgsqlDbType.Bigint),
        ], cancellationToken);

        var runs = sessions.SelectMany(session => Enumerable.Range(0, RunsPerSession).Select(_ => template.NewRun(session.SessionId))).ToArray();
        await CopyAsync(connection, "runs (run_id, session_id, component_id, status, position, streamed, last_write, output, created_at)", runs, run =>
        [
            (run.RunId, NpgsqlDbType.Text), (run.SessionId, NpgsqlDbType.Text), (template.Session.ComponentId, NpgsqlDbType.Text), ("COMPLETED", NpgsqlDbType.Text), (template.EventCount, NpgsqlDbType.Integer),
            (false, NpgsqlDbType.Boolean), (Guid.CreateVersion7(), NpgsqlDbType.Uuid), (run.Output, NpgsqlDbType.Json), (template.Session.CreatedAt, NpgsqlDbType.Bigint),
        ], cancellationToken);
        await CopyAsync(connection, "run_events (run_id, position, events)", runs.SelectMany(run => new[] { (run.RunId, 0, run.First), (run.RunId, 1, run.Others) }), row =>
            [(row.RunId, NpgsqlDbType.Text), (row.Item2, NpgsqlDbType.Integer), (row.Item3, NpgsqlDbType.Json)], cancellationToken);
    }

    private static async Task CopyAsync<T>(
        NpgsqlConnection connection, string table, IEnumerable<T> items, Func<T, (object? Value, NpgsqlDbType Type)[]> toRow, CancellationToken cancellationToken)
    {
        await using var import = await connection.BeginBinaryImportAsync($"COPY {table} FROM STDIN (FORMAT binary)", cancellationToken);
        foreach (var item in items)
        {
            await import.StartRowAsync(cancellationToken);
            foreach (var (value, type) in toRow(item))
            {
                await import.WriteAsync(value, type, cancellationToken);
            }
        }

        await import.CompleteAsync(cancellationToken);
    }

    [SuppressMessage("Security", "CA2100:Review SQL queries for security vulnerabilities", Justification = "The SQL is made of constants.")]
    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }
}
