using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Approvals;

/// <summary>
/// What somebody has to agree to before a run goes on, or has agreed to. Its JSON is that of AgentOS' approvals: every member is always written.
/// </summary>
public sealed record ApprovalRecord
{
    /// <summary>Gets the approval's id, a UUID.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the run that waits.</summary>
    public required string RunId { get; init; }

    /// <summary>Gets the run's session.</summary>
    public required string SessionId { get; init; }

    /// <summary>Gets how far the approval is.</summary>
    public ApprovalStatus Status { get; init; }

    /// <summary>Gets what runs: <c>agent</c>, <c>team</c> or <c>workflow</c>.</summary>
    public string SourceType { get; init; } = "agent";

    /// <summary>Gets <c>required</c> or <c>audit</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? ApprovalType { get; init; }

    /// <summary>Gets what the run waits for: <c>confirmation</c>, <c>user_input</c>, <c>user_feedback</c> or <c>external_execution</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? PauseType { get; init; }

    /// <summary>Gets the tool of the first call that waits.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? ToolName { get; init; }

    /// <summary>Gets the arguments of that call, an object.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public JsonElement? ToolArgs { get; init; }

    /// <summary>Gets when an approval that is still pending expires, in Unix seconds; null for never.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public long? ExpiresAt { get; init; }

    /// <summary>Gets the agent that runs; null for other components.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? AgentId { get; init; }

    /// <summary>Gets the team that runs; null for other components.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? TeamId { get; init; }

    /// <summary>Gets the workflow that runs; null for other components.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? WorkflowId { get; init; }

    /// <summary>Gets the user on whose behalf the component runs; null when nobody is named.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? UserId { get; init; }

    /// <summary>Gets the schedule that started the run; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? ScheduleId { get; init; }

    /// <summary>Gets the turn of the schedule that started the run; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? ScheduleRunId { get; init; }

    /// <summary>Gets the component's name.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? SourceName { get; init; }

    /// <summary>Gets what has to be settled, as it was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ImmutableArray<RunRequirement>? Requirements { get; init; }

    /// <summary>Gets what helps to decide, an object: the tools' and the component's names.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public JsonElement? Context { get; init; }

    /// <summary>Gets what came with the decision, an object: <c>values</c> for user input, <c>result</c> for a call made outside, or anything; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public JsonElement? ResolutionData { get; init; }

    /// <summary>Gets who decided; null while nobody has, and when nobody is named.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? ResolvedBy { get; init; }

    /// <summary>Gets when it was decided, in Unix seconds; null before.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public long? ResolvedAt { get; init; }

    /// <summary>Gets when the run paused for it, in Unix seconds.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Gets when it last changed, in Unix seconds.</summary>
    public long UpdatedAt { get; init; }

    /// <summary>Gets how far the run is. Stores read it from the run's record; null when the run is gone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public RunStatus? RunStatus { get; init; }

    /// <summary>Tells whether the time to decide is over.</summary>
    /// <param name="now">The time, in Unix seconds.</param>
    /// <returns>True when nobody may decide any more.</returns>
    public bool IsOverdue(long now) => Status == ApprovalStatus.Pending && ExpiresAt <= now;

    /// <summary>Gives the approval after a decision. It is the rule that every store applies: the first decision stands, and only one in time is one.</summary>
    /// <param name="resolution">The decision.</param>
    /// <returns>The approval; null when the decision does not count.</returns>
    public ApprovalRecord? Resolve(ApprovalResolution resolution)
    {
        ArgumentNullException.ThrowIfNull(resolution);
        return Status == ApprovalStatus.Pending && IsOverdue(resolution.ResolvedAt) == (resolution.Status == ApprovalStatus.Expired) ? With(resolution) : null;
    }

    /// <summary>Puts a decision into the approval, whatever it holds.</summary>
    /// <param name="resolution">The decision.</param>
    /// <returns>The approval.</returns>
    public ApprovalRecord With(ApprovalResolution resolution)
    {
        ArgumentNullException.ThrowIfNull(resolution);
        return this with
        {
            Status = resolution.Status,
            ResolvedBy = resolution.ResolvedBy,
            ResolutionData = resolution.Data,
            ResolvedAt = resolution.ResolvedAt,
            UpdatedAt = resolution.ResolvedAt,
        };
    }
}

/// <summary>How far an approval is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ApprovalStatus>))]
public enum ApprovalStatus
{
    /// <summary>Nobody has decided.</summary>
    [JsonStringEnumMemberName("pending")]
    Pending,

    /// <summary>Somebody agreed.</summary>
    [JsonStringEnumMemberName("approved")]
    Approved,

    /// <summary>Somebody refused.</summary>
    [JsonStringEnumMemberName("rejected")]
    Rejected,

    /// <summary>Nobody decided in time, which counts as a refusal.</summary>
    [JsonStringEnumMemberName("expired")]
    Expired,

    /// <summary>Nothing is left to decide about.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}

/// <summary>A decision about an approval.</summary>
/// <param name="Status">What was decided.</param>
/// <param name="ResolvedAt">When, in Unix seconds.</param>
/// <param name="ResolvedBy">Who decided; null when nobody is named.</param>
/// <param name="Data">What came with the decision, an object; null for nothing.</param>
public sealed record ApprovalResolution(ApprovalStatus Status, long ResolvedAt, string? ResolvedBy = null, JsonElement? Data = null);
