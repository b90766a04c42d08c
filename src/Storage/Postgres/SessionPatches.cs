using Cluster.Engine.Json;
using Cluster.Engine.Sessions;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Postgres;

/// <summary>Changes of sessions as parameters of the schema's functions.</summary>
internal static class SessionPatches
{
    /// <summary>Adds the members of a patch, one column each, in the order in which the schema's functions take them.</summary>
    /// <typeparam name="TItem">What holds the patches.</typeparam>
    /// <param name="statement">The statement.</param>
    /// <param name="items">The items that have a patch.</param>
    /// <param name="patchOf">Gives the patch of an item.</param>
    /// <returns>The statement.</returns>
    public static Statement AddPatches<TItem>(this Statement statement, IReadOnlyList<TItem> items, Func<TItem, SessionPatch> patchOf) => statement
        .AddColumn(ColumnType.Json, items, item => Values.Text(patchOf(item).SessionName))
        .AddColumn(ColumnType.Bytes, items, item => Values.Folded(patchOf(item).SessionName))
        .AddColumn(ColumnType.Json, items, item => Values.Json(patchOf(item).SessionState))
        .AddColumn(ColumnType.Json, items, item => Values.Json(patchOf(item).Metadata))
        .AddColumn(ColumnType.Json, items, item => Values.Json(patchOf(item).Metrics, EngineJson.Context.RunMetrics))
        .AddColumn(ColumnType.Json, items, item => Values.Json(patchOf(item).Costs, EngineJson.Context.RunMetrics))
        .AddColumn(ColumnType.Long, items, item => patchOf(item).UpdatedAt);
}
