using System.Data.Common;
using System.Text.Json;
using Cluster.Engine.Approvals;
using Cluster.Engine.Json;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Maintenance;

/// <summary>Looks at the rows of tables other than those of runs.</summary>
internal static class RowChecks
{
    /// <summary>What <see cref="CheckSession"/> expects of a row.</summary>
    public const string Sessions = $"SELECT {SessionColumns.Names}, session_name_folded FROM sessions";

    /// <summary>What <see cref="CheckApproval"/> expects of a row.</summary>
    public const string Approvals = "SELECT approval_id, status, request, resolution FROM approvals";

    /// <summary>What <see cref="CheckMemory"/> expects of a row.</summary>
    public const string Memories = "SELECT memory_id, memory, memory_folded, input, feedback FROM user_memories";

    /// <summary>Looks at a session.</summary>
    /// <param name="row">The row.</param>
    /// <param name="problems">Hears what is wrong.</param>
    public static void CheckSession(DbDataReader row, Problems problems) => Guard($"Session {row.GetString(0)}", problems, () =>
        IsFolded(row, SessionColumns.Read(row).SessionName, 12) ? null : "has a name that searches find under another one");

    /// <summary>Looks at an approval.</summary>
    /// <param name="row">The row.</param>
    /// <param name="problems">Hears what is wrong.</param>
    public static void CheckApproval(DbDataReader row, Problems problems) => Guard($"Approval {row.GetString(0)}", problems, () =>
    {
        var request = row.GetJson(2, EngineJson.Context.ApprovalRecord)!;
        var status = (row.GetJson(3, EngineJson.Context.ApprovalResolution) is { } resolution ? request.With(resolution) : request).Status;
        return row.GetString(1) == ApprovalListing.ToText(status) ? null : $"has the status {row.GetString(1)}, and its document says {ApprovalListing.ToText(status)}";
    });

    /// <summary>Looks at what is remembered.</summary>
    /// <param name="row">The row.</param>
    /// <param name="problems">Hears what is wrong.</param>
    public static void CheckMemory(DbDataReader row, Problems problems) => Guard($"Memory {row.GetString(0)}", problems, () =>
    {
        row.GetJson(3, EngineJson.Context.String);
        row.GetJson(4, EngineJson.Context.String);
        return IsFolded(row, row.GetJson(1, EngineJson.Context.String), 2) ? null : "has words that searches find under other ones";
    });

    private static bool IsFolded(DbDataReader row, string? text, int column) =>
        text is null ? row.IsDBNull(column) : !row.IsDBNull(column) && row.GetFieldValue<byte[]>(column).AsSpan().SequenceEqual(Values.Folded(text));

    private static void Guard(string what, Problems problems, Func<string?> check)
    {
        try
        {
            if (check() is { } problem)
            {
                problems.Add($"{what} {problem}.");
            }
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            problems.Add($"{what} cannot be read: {error.Message}");
        }
    }
}
