using System.Data.Common;
using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Teams;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Maintenance;

/// <summary>Reads the logs of all runs and compares them with their records. One log is in memory at a time.</summary>
/// <param name="problems">Hears what is wrong.</param>
internal sealed class RunCheck(Problems problems)
{
    /// <summary>What <see cref="Add"/> expects of a row: a run, and the events that were written together, in the order of runs and positions. The record comes with the first of them.</summary>
    public const string Columns = "r.run_id, r.status, r.position, s.session_id, e.position, e.events, CASE WHEN coalesce(e.position, 0) = 0 THEN r.output END, r.tenant_id";

    private readonly List<RunEvent> _events = [];
    private Head? _head;
    private bool _isReadable;

    /// <summary>Gets how many runs were looked at.</summary>
    public long Count { get; private set; }

    /// <summary>Takes in the next row.</summary>
    /// <param name="row">The row.</param>
    public void Add(DbDataReader row)
    {
        var tenant = row.GetString(7);
        var runId = tenant == TenantId.Default.Value ? row.GetString(0) : $"{row.GetString(0)} of tenant {tenant}";
        if (_head?.RunId != runId)
        {
            Finish();
            _head = new Head(runId, tenant, row.GetString(1), row.GetInt32(2), ReadOutput(runId, row));
            _isReadable = true;
            Count++;
            if (row.IsDBNull(3))
            {
                problems.Add($"Run {runId} belongs to a session that is not there.");
            }
        }

        if (!row.IsDBNull(4))
        {
            AddEvents(runId, row);
        }
    }

    /// <summary>Looks at the last run.</summary>
    public void Finish()
    {
        if (_head is { } head && _isReadable)
        {
            Check(head);
        }

        _head = null;
        _events.Clear();
    }

    private void AddEvents(string runId, DbDataReader row)
    {
        if (_isReadable && row.GetInt32(4) != _events.Count)
        {
            problems.Add($"Run {runId} has no event at position {_events.Count}: the next one that is there has position {row.GetInt32(4)}.");
            _isReadable = false;
        }

        if (!_isReadable)
        {
            return;
        }

        try
        {
            _events.AddRange(RunColumns.ReadEvents(row, 5).Events);
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            problems.Add($"Run {runId} has events at position {_events.Count} that cannot be read: {error.Message}");
            _isReadable = false;
        }
    }

    private RunOutput? ReadOutput(string runId, DbDataReader row)
    {
        try
        {
            // Without the first event there is no record in the row; then the missing event is what is wrong.
            return row.GetJson(6, EngineJson.Context.RunOutput);
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            problems.Add($"Run {runId} has a record that cannot be read: {error.Message}");
            return null;
        }
    }

    private void Check(Head head)
    {
        if (_events.Count != head.Position)
        {
            problems.Add($"Run {head.RunId} has {_events.Count} events, and its record counts {head.Position}.");
            return;
        }

        if (_events is not [RunAccepted accepted, ..])
        {
            problems.Add($"Run {head.RunId} does not begin with what was asked for.");
            return;
        }

        if (accepted.Request.Tenant.Value != head.Tenant)
        {
            problems.Add($"Run {head.RunId} was asked for by tenant {accepted.Request.Tenant}.");
        }

        CheckIndexes(head.RunId);
        CheckStatus(head);
    }

    /// <summary>What was told of members has indexes of the same row and is not in the log.</summary>
    private void CheckIndexes(string runId)
    {
        var mayLeaveOut = _events.Exists(next => next is MembersHeard);
        var last = -1L;
        foreach (var index in RunEventLog.ToPublic(_events).Select(next => next.EventIndex).OfType<long>())
        {
            if (mayLeaveOut ? index <= last : index != last + 1)
            {
                problems.Add($"Run {runId} has the event index {index} after {last}.");
                return;
            }

            last = index;
        }
    }

    /// <summary>A record is written with the pauses and ends of its run: between them the log is ahead of it.</summary>
    private void CheckStatus(Head head)
    {
        var logged = RunState.From([.. _events]).Output.Status;
        var isRegenerated = head.Status == RunColumns.ToText(RunStatus.Regenerated);
        if (logged is not (RunStatus.Pending or RunStatus.Running) && !isRegenerated && head.Status != RunColumns.ToText(logged))
        {
            problems.Add($"Run {head.RunId} has the status {head.Status}, and its log says {RunColumns.ToText(logged)}.");
        }

        if (head.Output is { } output && !isRegenerated && head.Status != RunColumns.ToText(output.Status))
        {
            problems.Add($"Run {head.RunId} has the status {head.Status}, and its record says {RunColumns.ToText(output.Status)}.");
        }
    }

    private sealed record Head(string RunId, string Tenant, string Status, int Position, RunOutput? Output);
}
