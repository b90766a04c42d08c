using System.Text;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Storage.Sqlite;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Sqlite;

/// <summary>Everything that a store shows, as one text to compare.</summary>
internal static class Contents
{
    public static async Task<string> ReadAsync(SqliteStore store)
    {
        var text = new StringBuilder();
        var sessions = await store.ListAsync(new SessionQuery { Limit = int.MaxValue, SortBy = SessionSort.SessionId });
        foreach (var session in sessions.Sessions)
        {
            text.Append("session ").AppendLine(Samples.ToJson(session));
            foreach (var run in await store.ListAsync(new RunQuery(session.SessionId)))
            {
                var log = await store.ReadAsync(run.Output.RunId);
                text.Append("run ").Append((run.Sequence, run.Streamed, log!.Generation, log.Sequence)).AppendLine(Samples.ToJson(run.Output));
                text.AppendJoin('\n', Samples.ToJson(log.Events)).AppendLine();
                var members = await store.ListAsync(new RunQuery(session.SessionId) { ParentRunId = run.Output.RunId });
                text.Append("members ").AppendJoin(' ', members.Select(member => member.Output.RunId)).AppendLine();
            }
        }

        text.AppendJoin(' ', (await store.ListUnfinishedAsync()).Select(run => $"{run.RunId}<{run.ParentRunId}")).AppendLine();
        return text.ToString();
    }
}
