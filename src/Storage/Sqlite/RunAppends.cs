using Cluster.Engine.Contents;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Storage;
using Cluster.Storage.Blobs;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Sqlite;

/// <summary>An append to the log of a run, with its payloads written out, which its caller does before it queues.</summary>
internal sealed class RunAppends
{
    private const string UpdateRun =
        "UPDATE runs SET generation = $2, position = position + $3, status = coalesce($4, status), output = coalesce(CAST($5 AS TEXT), output) WHERE sequence = $1";

    private readonly TenantId _tenant;
    private readonly RunAppend _append;
    private readonly List<MediaUse> _uses = [];
    private readonly byte[]? _events;
    private readonly byte[]? _output;

    /// <summary>Writes the payloads out.</summary>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="append">What to append.</param>
    public RunAppends(TenantId tenant, RunAppend append)
    {
        _tenant = tenant;
        _append = append;
        _events = append.Events.IsEmpty ? null : SplitJson.ToArray(append.Events, EngineJson.Context.ImmutableArrayRunEvent, _uses);
        _output = Values.Json(append.Output, EngineJson.Context.RunOutput, _uses);
    }

    /// <summary>Gets about how many bytes it writes.</summary>
    public long Size => (_events?.Length ?? 0) + (_output?.Length ?? 0);

    /// <summary>Appends.</summary>
    /// <param name="connection">Where to.</param>
    /// <returns>True.</returns>
    public bool Apply(PreparedConnection connection)
    {
        var run = connection.Find(
            new Statement("SELECT sequence, session, generation, position FROM runs WHERE tenant_id = $1 AND run_id = $2").Add(_tenant).Add(ColumnType.Text, _append.RunId),
            row => new Head(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt32(3)));
        if (run is null)
        {
            throw RunFence.Missing(_append.RunId);
        }

        RunFence.Check(_append, run.Generation, run.Position);
        connection.Execute(new Statement(UpdateRun)
            .Add(ColumnType.Long, run.Sequence)
            .Add(ColumnType.Long, _append.Generation)
            .Add(ColumnType.Integer, _append.Events.Length)
            .Add(ColumnType.Text, _append.Output is { } output ? RunColumns.ToText(output.Status) : null)
            .Add(ColumnType.Json, _output));
        if (_events is not null)
        {
            RunAcceptances.AddEvents(connection, run.Sequence, _append.Position, _events);
        }

        SqliteMediaIndex.Add(connection, _tenant, run.Sequence, _uses);

        if (_append.Session is { } patch)
        {
            SessionRows.Update(connection, run.Session, patch);
        }

        Regenerate(connection);
        ApprovalRows.Apply(connection, _tenant, _append.Approvals);
        return true;
    }

    private void Regenerate(PreparedConnection connection)
    {
        if (_append.Regenerated is { } regenerated)
        {
            connection.Execute(new Statement("UPDATE runs SET status = 'REGENERATED' WHERE tenant_id = $1 AND run_id = $2 AND status IN ('COMPLETED', 'ERROR')").Add(_tenant).Add(ColumnType.Text, regenerated));
        }
    }

    private sealed record Head(long Sequence, long Session, long Generation, int Position);
}
