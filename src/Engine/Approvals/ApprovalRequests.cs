using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Approvals;

/// <summary>Makes the approvals of a run: one for each pause in which calls need one, and one for each decision that is audited.</summary>
internal static class ApprovalRequests
{
    /// <summary>Makes the approval that a pause waits for.</summary>
    /// <param name="run">The run.</param>
    /// <param name="requirements">What the run waits for.</param>
    /// <returns>The approval; null when no call needs one.</returns>
    public static ApprovalRecord? Of(AgentRun run, ImmutableArray<RunRequirement> requirements)
    {
        var own = requirements.Where(requirement => requirement.ToolExecution.ApprovalType == ApprovalTypes.Required).ToImmutableArray();
        if (own.IsEmpty)
        {
            return null;
        }

        var deadlines = own.Select(requirement => TimeoutOf(run, requirement.ToolExecution)).OfType<TimeSpan>().ToArray();
        return New(run, own) with
        {
            ApprovalType = ApprovalTypes.Required,
            ExpiresAt = deadlines.Length == 0 ? null : run.Stamp.UtcNow.Add(deadlines.Min()).ToUnixTimeSeconds(),
        };
    }

    /// <summary>Records what a human decided about an audited call, together with what comes of it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="execution">The call as it is made or settled now.</param>
    /// <returns>The event; none when nobody decided just now, or the call is not audited.</returns>
    public static IEnumerable<RunEvent> AuditOf(AgentRun run, ToolExecution execution)
    {
        if (execution.ApprovalType != ApprovalTypes.Audit || !run.State.Calls.Any(call => call.IsAnswered && call.Call.Id == execution.ToolCallId))
        {
            return [];
        }

        var requirement = run.State.Output.Requirements?.LastOrDefault(requirement => requirement.ToolExecution.ToolCallId == execution.ToolCallId);
        var status = Answers.IsRejected(execution) ? ApprovalStatus.Rejected : ApprovalStatus.Approved;
        var decision = new ApprovalResolution(status, run.Stamp.UnixSeconds, run.State.AnsweredBy, ApprovalAnswers.DataOf(execution));
        var audit = New(run, requirement is null ? [] : [requirement], execution) with { ApprovalType = ApprovalTypes.Audit };
        return [run.Stamp.Mark(new ApprovalRecorded(audit.With(decision)))];
    }

    private static ApprovalRecord New(AgentRun run, ImmutableArray<RunRequirement> requirements, ToolExecution? call = null)
    {
        call ??= requirements[0].ToolExecution;
        var now = run.Stamp.UnixSeconds;
        return new ApprovalRecord
        {
            Id = Guid.NewGuid().ToString(),
            RunId = run.Request.RunId,
            SessionId = run.Request.SessionId,
            PauseType = PauseTypeOf(call),
            ToolName = call.ToolName,
            ToolArgs = call.ToolArgs,
            SourceType = run.Team is null ? "agent" : "team",
            AgentId = run.Team is null ? run.Request.AgentId : null,
            TeamId = run.Team is null ? null : run.Request.AgentId,
            UserId = run.Request.UserId,
            SourceName = run.Agent.Name ?? run.Agent.AgentId,
            Requirements = requirements,
            Context = ContextOf(run, requirements.Length == 0 ? [call.ToolName] : [.. requirements.Select(requirement => requirement.ToolExecution.ToolName)]),
            CreatedAt = now,
            UpdatedAt = now,
        };
    }

    private static JsonElement ContextOf(AgentRun run, string?[] names) => JsonElement.Parse(new JsonObject
    {
        ["tool_names"] = new JsonArray([.. names.Select(name => JsonValue.Create(name))]),
        ["source_name"] = run.Agent.Name ?? run.Agent.AgentId,
    }.ToJsonString(Json.EngineJson.Options));

    private static string PauseTypeOf(ToolExecution call) => call switch
    {
        { RequiresConfirmation: not null } => "confirmation",
        { UserFeedbackSchema: not null } => "user_feedback",
        { RequiresUserInput: not null } => "user_input",
        _ => "external_execution",
    };

    private static TimeSpan? TimeoutOf(AgentRun run, ToolExecution call) =>
        run.Tools.FirstOrDefault(tool => tool.Name == call.ToolName)?.Options.ApprovalTimeout;
}
