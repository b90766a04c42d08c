using System.Collections.Immutable;
using static Cluster.Storage.Transfer.FieldKind;

namespace Cluster.Storage.Transfer;

/// <summary>Everything that exports hold. A table that is added to the schema is added here; a test finds those that were forgotten.</summary>
internal static class StoredTables
{
    /// <summary>The column that names the tenant. It is the first of each row, so that what rows refer to is looked for in the same tenant.</summary>
    public const string Tenant = "tenant_id";

    private static readonly StoredField Owner = new(Tenant, Text, true);

    /// <summary>Gets the sessions.</summary>
    public static StoredTable Sessions { get; } = new("sessions", "session",
    [
        Owner, new("creation", Number, true), new("session_id", Text, true), new("session_type", Text, true), new("component_id", Text), new("user_id", Text),
        new("session_name", Json), new("first_input", Json), new("session_state", Json), new("metadata", Json), new("metrics", Json), new("component_data", Json),
        new("created_at", Number, true), new("updated_at", Number, true),
    ])
    {
        Counter = "creation",
        SqliteOrder = "t.creation",
        Folded = [("session_name_folded", "session_name")],
    };

    /// <summary>Gets the records of runs.</summary>
    public static StoredTable Runs { get; } = new("runs", "run",
    [
        Owner, new("sequence", Number, true), new("run_id", Text, true),
        new("session_id", Text, true) { SqliteColumn = "session", SqliteRead = "s.session_id", SqliteWrite = "(SELECT creation FROM sessions WHERE tenant_id = $1 AND session_id = ?)" },
        new("component_id", Text, true), new("user_id", Text), new("parent_run_id", Text), new("status", Text, true), new("generation", Number, true),
        new("position", SmallNumber, true), new("streamed", FieldKind.Boolean, true), new("idempotency_key", Text), new("created_at", Number, true), new("output", Json, true),
    ])
    {
        Counter = "sequence",
        SqliteJoin = " LEFT JOIN sessions s ON s.creation = t.session",
        SqliteOrder = "t.sequence",

        // It recognises a write whose answer was lost, and all of those have been answered.
        PostgresUuid = "last_write",
    };

    /// <summary>Gets the logs of runs.</summary>
    public static StoredTable Events { get; } = new("run_events", "events",
    [
        Owner with { SqliteRead = "r.tenant_id", IsInSqlite = false },
        new("run_id", Text, true) { SqliteColumn = "run", SqliteRead = "r.run_id", SqliteWrite = "(SELECT sequence FROM runs WHERE tenant_id = $1 AND run_id = ?)" },
        new("position", SmallNumber, true), new("events", Json, true),
    ])
    {
        SqliteJoin = " LEFT JOIN runs r ON r.sequence = t.run",
        SqliteOrder = "t.run, t.position",
    };

    /// <summary>Gets the approvals.</summary>
    public static StoredTable Approvals { get; } = new("approvals", "approval",
    [
        Owner, new("creation", Number, true), new("approval_id", Text, true), new("run_id", Text, true), new("session_id", Text, true), new("status", Text, true),
        new("is_applied", FieldKind.Boolean, true), new("source_type", Text, true), new("approval_type", Text), new("pause_type", Text), new("agent_id", Text),
        new("team_id", Text), new("workflow_id", Text), new("user_id", Text), new("schedule_id", Text), new("expires_at", Number), new("created_at", Number, true),
        new("request", Json, true), new("resolution", Json),
    ])
    {
        Counter = "creation",
        SqliteOrder = "t.creation",
    };

    /// <summary>Gets what is remembered about users.</summary>
    public static StoredTable UserMemories { get; } = new("user_memories", "user_memory",
    [
        Owner, new("creation", Number, true), new("memory_id", Text, true), new("user_id", Text, true), new("agent_id", Text), new("team_id", Text), new("memory", Json, true),
        new("topics", Texts), new("input", Json), new("feedback", Json), new("created_at", Number, true), new("updated_at", Number, true),
    ])
    {
        Counter = "creation",
        SqliteOrder = "t.creation",
        Folded = [("memory_folded", "memory")],
    };

    /// <summary>Gets all of them, in the order of exports: what a row refers to comes before it.</summary>
    public static ImmutableArray<StoredTable> All { get; } = [Sessions, Runs, Events, Approvals, UserMemories];
}
