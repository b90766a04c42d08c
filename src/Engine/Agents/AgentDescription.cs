using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Json;
using Cluster.Engine.Models;
using Cluster.Engine.Outputs;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Agents;

/// <summary>What can be told of an agent or a team in another process: all that its users see, and nothing that runs.</summary>
public sealed record AgentDescription
{
    /// <summary>Gets the agent's id.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the name that people see; null for none.</summary>
    public string? Name { get; init; }

    /// <summary>Gets what the agent is; null for nothing.</summary>
    public string? Description { get; init; }

    /// <summary>Gets the agent's role; null for none.</summary>
    public string? Role { get; init; }

    /// <summary>Gets the model's id.</summary>
    public required string ModelId { get; init; }

    /// <summary>Gets the name of the model's client kind.</summary>
    public required string ModelName { get; init; }

    /// <summary>Gets the display name of the model's provider.</summary>
    public required string ModelProvider { get; init; }

    /// <summary>Gets the instructions; empty when there are none or a function computes them.</summary>
    public ImmutableArray<string> Instructions { get; init; } = [];

    /// <summary>Gets the tools that the model is offered.</summary>
    public ImmutableArray<ToolDescription> Tools { get; init; } = [];

    /// <summary>Gets how tools are called.</summary>
    public ToolCallSettings ToolCalls { get; init; } = ToolCallSettings.Default;

    /// <summary>Gets what else goes into the prompt.</summary>
    public PromptSettings Prompt { get; init; } = PromptSettings.Default;

    /// <summary>Gets how much of the session the model is shown.</summary>
    public HistorySettings History { get; init; } = HistorySettings.Default;

    /// <summary>Gets the name of the output schema; null without one.</summary>
    public string? OutputSchemaName { get; init; }

    /// <summary>Gets how the agent thinks before it answers; null when it does not.</summary>
    public ReasoningDescription? Reasoning { get; init; }

    /// <summary>Gets how often a failed run is tried again.</summary>
    public RetrySettings Retry { get; init; } = RetrySettings.Default;

    /// <summary>Gets what is attached to the agent, an object; null for nothing.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>Gets what makes it a team, whose leader the rest describes; null for an agent.</summary>
    public TeamDescription? Team { get; init; }

    /// <summary>Describes an agent.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="models">Names its model. One that lacks its key is named by its reference.</param>
    /// <returns>The description.</returns>
    public static AgentDescription Of(Agent agent, ModelCatalog models)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(models);
        var (id, name, provider) = models.Name(agent.Model);
        return new AgentDescription
        {
            Id = agent.AgentId,
            Name = agent.Name,
            Description = agent.Description,
            Role = agent.Role,
            ModelId = id,
            ModelName = name,
            ModelProvider = provider,
            Instructions = agent.Instructions.Lines,
            Tools = [.. (agent is Team leader ? agent.OfferedTools.Except(TeamTools.Of(leader)) : agent.OfferedTools).Select(ToolDescription.Of)],
            ToolCalls = agent.ToolCalls,
            Prompt = agent.Prompt,
            History = agent.History,
            OutputSchemaName = agent.Output.Schema?.ContentType,
            Reasoning = agent.Reasoning is { } reasoning ? ReasoningDescription.Of(reasoning, models) : null,
            Retry = agent.Retry,
            Metadata = agent.Metadata,
            Team = agent is Team team ? TeamDescription.Of(team, models) : null,
        };
    }

    /// <summary>Makes an agent or a team that shows what was described. It cannot run here.</summary>
    /// <returns>The agent, or the team.</returns>
    public Agent ToAgent() => (Team?.ToTeam() ?? new Agent()) with
    {
        Id = Id,
        Name = Name,
        Description = Description,
        Role = Role,
        Model = new ChatModel { Id = ModelId, Name = ModelName, Provider = ModelProvider, Client = new RemoteChatClient(Id) },
        Instructions = new Instructions { Lines = Instructions },
        Tools = [.. Tools.Select(tool => tool.ToTool(Id))],
        ToolCalls = ToolCalls,
        Prompt = Prompt,
        History = History,
        Output = OutputSchemaName is null
            ? OutputSettings.Default
            : new OutputSettings { Schema = new OutputSchema { ContentType = OutputSchemaName, Schema = EngineJson.EmptyObject } },
        Reasoning = Reasoning?.ToSettings(),
        Retry = Retry,
        Metadata = Metadata,
    };

    internal static UnavailableException RunsElsewhere(string agentId) =>
        new($"The agent '{agentId}' is only described in this process. Start its runs through the run host.") { IsForCallers = true };

    /// <summary>Stands where the model's client would be.</summary>
    internal sealed class RemoteChatClient(string agentId) : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw RunsElsewhere(agentId);

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw RunsElsewhere(agentId);

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}

/// <summary>What can be told of a tool in another process.</summary>
/// <param name="Name">The name that the model sees.</param>
/// <param name="Description">What the model is told about it; empty for nothing.</param>
/// <param name="Parameters">The JSON schema of the arguments that the model gives.</param>
/// <param name="RequiresConfirmation">True when a human has to agree before each call.</param>
/// <param name="ExternalExecution">True when the call is made outside.</param>
public sealed record ToolDescription(string Name, string Description, JsonElement Parameters, bool RequiresConfirmation, bool ExternalExecution)
{
    /// <summary>Gets <c>required</c> or <c>audit</c> when an approval record goes with its calls; null without one.</summary>
    public string? ApprovalType { get; init; }

    internal static ToolDescription Of(Tool tool) =>
        new(tool.Name, tool.Description, tool.Parameters, tool.Options.RequiresConfirmation, tool.Options.ExternalExecution)
        {
            ApprovalType = ApprovalTypes.NameOf(tool.Options.ApprovalType),
        };

    internal Tool ToTool(string agentId) => Tool.Create(new RemoteFunction(agentId, this), new ToolOptions
    {
        RequiresConfirmation = RequiresConfirmation,
        ExternalExecution = ExternalExecution,
        ApprovalType = ApprovalTypes.Parse(ApprovalType),

        // What waits for an approval and neither for a yes nor for a result waits for input.
        Question = ApprovalType is null || RequiresConfirmation || ExternalExecution ? UserQuestion.None : UserQuestion.Input,
    });

    /// <summary>Stands where the tool's method would be.</summary>
    private sealed class RemoteFunction(string agentId, ToolDescription tool) : AIFunction
    {
        public override string Name => tool.Name;

        public override string Description => tool.Description;

        public override JsonElement JsonSchema => tool.Parameters;

        protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
            throw AgentDescription.RunsElsewhere(agentId);
    }
}
