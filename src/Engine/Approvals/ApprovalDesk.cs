using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Limits;
using Cluster.Engine.Runs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cluster.Engine.Approvals;

/// <summary>Where people decide about approvals. The run that waits goes on by itself; when this process dies before that, the sweep lets it go on.</summary>
/// <param name="approvals">The approvals.</param>
/// <param name="runs">The runs.</param>
/// <param name="agents">The agents, whose guardrails look at what comes with a decision.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it reports.</param>
/// <param name="limits">How large what callers send may be; null for the defaults.</param>
public sealed partial class ApprovalDesk(
    IApprovalDecisions approvals, IRunHost runs, IAgentCatalog agents, TimeProvider timeProvider, ILogger<ApprovalDesk> logger, IOptions<FieldLimits>? limits = null)
{
    private readonly FieldLimits _limits = limits?.Value ?? new FieldLimits();

    /// <summary>Decides about an approval.</summary>
    /// <param name="approvalId">The approval's id.</param>
    /// <param name="isApproved">True to agree, false to refuse.</param>
    /// <param name="by">Who decides; null when nobody is named.</param>
    /// <param name="data">What comes with the decision, an object: <c>values</c> for user input, <c>result</c> for a call made outside; null for nothing.</param>
    /// <param name="cancellationToken">Stops waiting; the decision may have been recorded.</param>
    /// <returns>The approval as it was decided, before the run goes on.</returns>
    /// <exception cref="NotFoundException">There is no such approval.</exception>
    /// <exception cref="ConflictException">It was decided about before, or its time is over.</exception>
    /// <exception cref="InvalidRequestException">The decision lacks a value or result that the run waits for.</exception>
    /// <exception cref="TooLargeException">What comes with the decision is too large.</exception>
    public async Task<ApprovalRecord> ResolveAsync(string approvalId, bool isApproved, string? by, JsonElement? data, CancellationToken cancellationToken = default)
    {
        var now = timeProvider.GetUtcNow().ToUnixTimeSeconds();
        var found = await approvals.FindAsync(approvalId, cancellationToken) ?? throw Missing();
        var wanted = new ApprovalResolution(isApproved ? ApprovalStatus.Approved : ApprovalStatus.Rejected, now, by, data);
        _limits.Demand(wanted);
        var decision = ApprovalScreening.Screen(wanted, found, agents);
        if (found.Resolve(decision) is { } decided)
        {
            Demand(decided, agents);
        }

        var resolved = await approvals.ResolveAsync(approvalId, found.IsOverdue(now) ? ApprovalAnswers.Expiry(found, now) : decision, cancellationToken) ?? throw Missing();
        if (resolved.Counts)
        {
            await ContinueAsync(resolved.Approval, cancellationToken);
        }

        return resolved is { Counts: true, Approval.Status: not ApprovalStatus.Expired }
            ? resolved.Approval
            : throw new ConflictException($"Approval is already '{ApprovalListing.ToText(resolved.Approval.Status)}' and cannot be resolved");
    }

    private static NotFoundException Missing() => new("Approval not found");

    /// <summary>Refuses a decision that the run could not go on with.</summary>
    private static void Demand(ApprovalRecord decided, IAgentCatalog agents)
    {
        var tools = agents.All().Where(agent => agent.AgentId == (decided.AgentId ?? decided.TeamId)).SelectMany(agent => agent.OfferedTools).ToArray();
        foreach (var requirement in decided.Requirements ?? [])
        {
            var call = requirement.ToolExecution;
            Answers.Demand(call, ApprovalAnswers.ToAnswer(call, decided), Array.Find(tools, tool => tool.Name == call.ToolName));
        }

        if (decided is { Status: ApprovalStatus.Approved, Requirements: { IsEmpty: false } waiting }
            && waiting.All(requirement => Answers.IsRejected(ApprovalAnswers.ToAnswer(requirement.ToolExecution, decided))))
        {
            throw new InvalidRequestException("The decision is to approve, but the tools in resolution_data confirm none of the calls. Send confirmed with them, or leave tools out.");
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The decision is on record; whatever keeps it from the run now, the sweep brings it there.")]
    private async Task ContinueAsync(ApprovalRecord approval, CancellationToken cancellationToken)
    {
        try
        {
            var runId = await RunLineage.RootOfAsync(approval.RunId, async id => (await runs.FindAsync(id, cancellationToken))?.Output);
            await runs.ContinueAsync(new RunContinuation(runId) { By = approval.ResolvedBy, ByApproval = true }, cancellationToken);
        }
        catch (EngineException refusal) when (refusal is InvalidRequestException or ConflictException or NotFoundException)
        {
            LogStays(approval.RunId, approval.SessionId, approval.Id, refusal.Message);
        }
        catch (Exception failure)
        {
            LogLater(failure, approval.RunId, approval.SessionId, approval.Id);
        }
    }

    [LoggerMessage(LogLevel.Information, "Run {RunId} of session {SessionId} does not go on by approval {ApprovalId} alone: {Reason}")]
    private partial void LogStays(string runId, string sessionId, string approvalId, string reason);

    [LoggerMessage(LogLevel.Warning, "Run {RunId} of session {SessionId} goes on by approval {ApprovalId} with the next sweep")]
    private partial void LogLater(Exception failure, string runId, string sessionId, string approvalId);
}
