using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Contents;
using Cluster.Engine.Json;
using Cluster.Engine.Models;
using Cluster.Engine.Outputs;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Agents;

/// <summary>What the parts of the loop share during one step.</summary>
/// <param name="Agent">The agent that runs.</param>
/// <param name="Request">What was asked for.</param>
/// <param name="State">The run before the step.</param>
/// <param name="Stamp">Marks the events of the step.</param>
internal sealed record AgentRun(Agent Agent, RunRequest Request, RunState State, EventStamp Stamp)
{
    /// <summary>Gets what the run works on: what was sent, as hooks left it.</summary>
    public RunInput Input => State.Output.Input ?? Request.Input;

    /// <summary>Gets what the answer has to look like; null for text. An answer in the form that a request brings is named by the title of that form.</summary>
    public OutputSchema? Schema => Request.Overrides.OutputSchema is not { } own ? Agent.Output.Schema
        : own.ValueKind == JsonValueKind.Object && own.TryGetProperty("title", out var title) && title.ValueKind == JsonValueKind.String
            ? OutputSchema.FromJson(own) with { ContentType = title.GetString()! }
            : OutputSchema.FromJson(own);

    /// <summary>Gets the tools that the model is offered.</summary>
    public ImmutableArray<Tool> Tools => Naming.Tools;

    /// <summary>Gets the names of the tools. Foreign ones keep theirs as long as the run lasts.</summary>
    public ToolNaming Naming => Agent.NamingIn(State.ToolNames);

    /// <summary>Gets on whose behalf the agent runs.</summary>
    public Scope Scope => new(Request.Tenant, Request.UserId);

    /// <summary>Gets the team that runs; null for an agent.</summary>
    public Team? Team => Agent as Team;

    /// <summary>Gets how large the session state may become.</summary>
    public long MaxStateBytes { get; init; } = long.MaxValue;

    /// <summary>Gives the session state to work on.</summary>
    public SessionState NewState(JsonElement value) => new(value, new CurrentIds(Request.UserId, Request.SessionId, Request.RunId)) { MaxBytes = MaxStateBytes };

    /// <summary>Gets what reads the content of media for tools.</summary>
    public MediaContents Contents { get; init; } = MediaContents.Inline;

    /// <summary>Gives what tools and computed prompts may know.</summary>
    /// <param name="state">The session state.</param>
    /// <param name="metadata">What is attached to the run; null for what its state tells.</param>
    public RunContext NewContext(SessionState state, JsonElement? metadata = null) => new()
    {
        RunId = Request.RunId,
        SessionId = Request.SessionId,
        AgentId = Request.AgentId,
        TeamId = Request.IsOfTeam ? Request.AgentId : null,
        Scope = Scope,
        State = state,
        Dependencies = State.Dependencies,
        Metadata = metadata ?? SessionState.Merge(State.Output.Metadata ?? EngineJson.EmptyObject, Agent.Metadata),
        Input = Input,
        Contents = Contents,
    };

    /// <summary>Gives the settings of a model call, as the agent and then the request want them.</summary>
    public ChatOptions NewOptions(ChatModel model)
    {
        var options = Agent.ModelOptions?.Clone() ?? new ChatOptions();
        options.ModelId = model.Id;
        if (Request.Overrides.ModelParameters is { } own)
        {
            options.Temperature = own.Temperature ?? options.Temperature;
            options.TopP = own.TopP ?? options.TopP;
            options.MaxOutputTokens = own.MaxTokens ?? options.MaxOutputTokens;
            options.Seed = own.Seed ?? options.Seed;
            options.StopSequences = own.Stop is { } stop ? [.. stop] : options.StopSequences;
        }

        return options;
    }
}
