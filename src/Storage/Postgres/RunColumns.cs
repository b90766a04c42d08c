using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Npgsql;

namespace Cluster.Storage.Postgres;

/// <summary>Runs as rows.</summary>
internal static class RunColumns
{
    /// <summary>The columns in the order in which <see cref="Read"/> expects them.</summary>
    public const string Names = "sequence, streamed, output";

    /// <summary>Reads a row.</summary>
    /// <param name="row">The row, with <see cref="Names"/> as its columns.</param>
    /// <returns>The record.</returns>
    public static RunRecord Read(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetBoolean(1), row.GetJson(2, EngineJson.Context.RunOutput)!);

    /// <summary>Gives the name of a status as rows hold it.</summary>
    /// <param name="status">The status.</param>
    /// <returns>The name.</returns>
    public static string ToText(RunStatus status) => status switch
    {
        RunStatus.Pending => "PENDING",
        RunStatus.Running => "RUNNING",
        RunStatus.Completed => "COMPLETED",
        RunStatus.Paused => "PAUSED",
        RunStatus.Cancelled => "CANCELLED",
        RunStatus.Error => "ERROR",
        RunStatus.Regenerated => "REGENERATED",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "This status cannot be stored."),
    };
}
