using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Teams;

/// <summary>What members are told beside their task. It is made of records, so that a successor tells the same.</summary>
/// <param name="SessionState">The session state that they start with, an object.</param>
/// <param name="Background">What the team has done before; null for nothing.</param>
internal sealed record Briefing(JsonElement SessionState, string? Background)
{
    /// <summary>Makes the briefing for the members that a call engages.</summary>
    /// <param name="services">What the loop works with.</param>
    /// <param name="run">The team's run.</param>
    /// <param name="state">The session state of the team.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static async Task<Briefing> MakeAsync(AgentLoopServices services, AgentRun run, JsonElement state, CancellationToken cancellationToken)
    {
        var settings = run.Team!.Delegation;
        var text = new StringBuilder();
        if (settings.AddHistory)
        {
            Tell(text, "team_history", "What the team was asked in this session before, and what it answered.", "team", await HistoryAsync(services, run, cancellationToken));
        }

        if (settings.ShareInteractions)
        {
            Tell(text, "work_so_far", "What members of the team did for the present task before you.", null, await InteractionsAsync(services, run, cancellationToken));
        }

        return new Briefing(state, text.Length == 0 ? null : text.ToString());
    }

    private static async Task<IEnumerable<RunOutput>> HistoryAsync(AgentLoopServices services, AgentRun run, CancellationToken cancellationToken)
    {
        var query = new RunQuery(run.Request.SessionId)
        {
            Status = RunStatus.Completed,
            Before = run.Request.Fork?.Before ?? run.State.Sequence,
            Last = run.Team!.Delegation.HistoryRuns,
            ComponentId = run.Request.AgentId,
            TopLevelOnly = run.Request.ParentRunId is null,
        };
        return (await services.Records.ListAsync(query, cancellationToken)).Select(record => record.Output);
    }

    /// <summary>What was handed out in the same turn is left out: it may be done or not.</summary>
    private static async Task<IEnumerable<RunOutput>> InteractionsAsync(AgentLoopServices services, AgentRun run, CancellationToken cancellationToken)
    {
        var done = run.State.Team.Runs
            .Where(member => member.Status == RunStatus.Completed && run.State.Calls.All(call => call.Call.Id != member.ToolCallId))
            .Select((member, place) => (member.RunId, place)).ToImmutableDictionary(member => member.RunId, member => member.place, StringComparer.Ordinal);
        if (done.IsEmpty)
        {
            return [];
        }

        var records = await services.Records.ListAsync(new RunQuery(run.Request.SessionId) { ParentRunId = run.Request.RunId }, cancellationToken);
        return records.Select(record => record.Output).Where(output => done.ContainsKey(output.RunId)).OrderBy(output => done[output.RunId]);
    }

    private static void Tell(StringBuilder text, string tag, string lead, string? speaker, IEnumerable<RunOutput> runs)
    {
        var all = runs.ToArray();
        if (all.Length == 0)
        {
            return;
        }

        text.Append(text.Length == 0 ? string.Empty : "\n").Append('<').Append(tag).Append(">\n").Append(lead).Append('\n');
        foreach (var output in all)
        {
            text.Append("- ").Append(speaker is null ? $"{output.ComponentName ?? output.ComponentId} was asked" : "Asked").Append(": ").Append(output.Input?.InputContent.ToString()).Append('\n')
                .Append("  Answer: ").Append(output.Content?.ToString()).Append('\n');
        }

        text.Append("</").Append(tag).Append('>');
    }
}
