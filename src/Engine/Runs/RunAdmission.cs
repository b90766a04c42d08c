using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Engine.Agents;
using Cluster.Engine.Approvals;
using Cluster.Engine.Contents;
using Cluster.Engine.Errors;
using Cluster.Engine.Limits;
using Cluster.Engine.Models;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Cluster.Engine.Teams;
using Cluster.Engine.Telemetry;
using Microsoft.Extensions.Options;

namespace Cluster.Engine.Runs;

/// <summary>Turns a request into what is recorded of it, or refuses it.</summary>
/// <param name="tenant">Whose runs it lets in.</param>
/// <param name="agents">The agents that can run.</param>
/// <param name="models">The models that they name.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="approvals">The approvals that runs wait for; null where there are none, and then those who continue a run decide.</param>
/// <param name="limits">How large what callers send may be; null for the defaults.</param>
/// <param name="media">Where the content of media goes; null to leave it in what is recorded.</param>
public sealed class RunAdmission(
    TenantId tenant, IAgentCatalog agents, ModelCatalog models, TimeProvider timeProvider, IApprovalStore? approvals = null, IOptions<FieldLimits>? limits = null, MediaContents? media = null)
{
    private readonly MediaContents _media = media ?? MediaContents.Inline;
    private readonly FieldLimits _limits = limits?.Value ?? new FieldLimits();
    private readonly ConditionalWeakTable<Agent, object> _described = [];

    /// <summary>Prepares a run of an agent, a team or a member of one. Guardrails look at the content of media, and what they leave of it goes into the media store.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Stops waiting for the media store.</param>
    /// <returns>What to record.</returns>
    /// <exception cref="NotFoundException">There is no such agent.</exception>
    /// <exception cref="InvalidRequestException">The agent's model cannot be used, or the input does not fit the agent's schema.</exception>
    /// <exception cref="TooLargeException">A field of the request is too large.</exception>
    /// <exception cref="UnavailableException">A guardrail has to look at content, and the media store is away.</exception>
    public async ValueTask<RunAcceptance> PrepareAsync(RunRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var agent = agents.Find(request) ?? throw new NotFoundException(request.ComponentType == SessionType.Team ? "Team not found" : "Agent not found");
        if (request.Fork is null && !agent.Guardrails.IsEmpty)
        {
            request = With(request, await _media.BringAsync(request.Input, cancellationToken));
        }

        request = Check(agent, request);
        return Prepare(agent, With(request, await _media.KeepAsync(request.Input, cancellationToken)));
    }

    private RunAcceptance Prepare(Agent agent, RunRequest request)
    {
        request = Complete(request, request.TraceParent ?? TraceParent.Current, agent.Record == RecordSettings.Default ? null : agent.Record);
        var accepted = new RunAccepted(request) { CreatedAt = timeProvider.GetUtcNow().ToUnixTimeSeconds(), Checkpoint = agent.Checkpoint };
        return new RunAcceptance(accepted, RunRecording.NewOutput(accepted, agent is Team ? null : agent.Name, agent is Team ? agent.Name : null), new SessionRecord
        {
            SessionId = request.SessionId,
            SessionType = request.ComponentType,
            ComponentId = agent.AgentId,
            UserId = request.UserId,
            FirstInput = FieldChecks.Beginning(request.Input.InputContent.ToString(), _limits.NameBytes),
            ComponentData = Describe(agent),
            CreatedAt = accepted.CreatedAt,
            UpdatedAt = accepted.CreatedAt,
        });
    }

    /// <summary>Decides how a run goes on, and hears what approvals say about it. A decision about a call that needs an approval becomes the approval's.</summary>
    /// <param name="state">The run, as its log tells it.</param>
    /// <param name="continuation">What is wished.</param>
    /// <returns>What to do.</returns>
    /// <exception cref="ConflictException">The run was cancelled, is at work, or does not wait for the answers.</exception>
    /// <exception cref="InvalidRequestException">The wishes contradict each other, an answer is missing or does not fit, a guardrail refuses one, or an approval is pending.</exception>
    /// <exception cref="TooLargeException">A field of the wish is too large.</exception>
    public Task<ContinuationPlan> PlanAsync(RunState state, RunContinuation continuation)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(continuation);
        _limits.Demand(continuation);
        return new Continuations(state, state.Request is { } request ? agents.Find(request) : null, approvals, timeProvider).PlanAsync(continuation);
    }

    private static RunRequest With(RunRequest request, RunInput input) => ReferenceEquals(request.Input, input) ? request : request with { Input = input };

    private RunRequest Complete(RunRequest request, string? traceParent, RecordSettings? record) =>
        request.TraceParent == traceParent && request.Record == record && request.Tenant == tenant ? request : request with { TraceParent = traceParent, Record = record, Tenant = tenant };

    /// <summary>What another run has left was checked when that run was accepted.</summary>
    private RunRequest Check(Agent agent, RunRequest request)
    {
        if (request.Fork is not null)
        {
            return request;
        }

        if (request.ParentRunId is null)
        {
            _limits.Demand(request);
        }

        InputCheck.Demand(agent, request);
        return InputCheck.Screen(agent, request);
    }

    /// <summary>Agents are records and models are resolved once, so what was said of one stays true.</summary>
    /// <exception cref="InvalidRequestException">The agent's model cannot be used.</exception>
    private JsonElement Describe(Agent agent)
    {
        if (!_described.TryGetValue(agent, out var described))
        {
            described = NewDescription(agent, models.Resolve(agent.Model));
            _described.AddOrUpdate(agent, described);
        }

        return (JsonElement)described;
    }

    private static JsonElement NewDescription(Agent agent, ChatModel model) => JsonElement.Parse(new JsonObject
    {
        ["name"] = agent.Name,
        [agent is Team ? "team_id" : "agent_id"] = agent.AgentId,
        ["model"] = new JsonObject { ["provider"] = model.Provider, ["id"] = model.Id, ["name"] = model.Name },
    }.ToJsonString());
}
