using Cluster.Engine.Models;
using Cluster.Engine.Reasoning;

namespace Cluster.Engine.Agents;

/// <summary>What can be told in another process of how an agent thinks.</summary>
/// <param name="MinSteps">How many steps are taken at least.</param>
/// <param name="MaxSteps">How many steps are taken at most.</param>
public sealed record ReasoningDescription(int MinSteps, int MaxSteps)
{
    /// <summary>Gets the id of the agent that leads the thinking; null without one.</summary>
    public string? AgentId { get; init; }

    /// <summary>Gets the id of the model that thinks; null when it is the agent's own.</summary>
    public string? ModelId { get; init; }

    /// <summary>Gets the name of that model's client kind.</summary>
    public string? ModelName { get; init; }

    /// <summary>Gets the display name of that model's provider.</summary>
    public string? ModelProvider { get; init; }

    internal static ReasoningDescription Of(ReasoningSettings settings, ModelCatalog models)
    {
        var (id, name, provider) = settings.Model is null ? default : models.Name(settings.Model);
        return new ReasoningDescription(settings.MinSteps, settings.MaxSteps) { AgentId = settings.Agent?.AgentId, ModelId = id, ModelName = name, ModelProvider = provider };
    }

    internal ReasoningSettings ToSettings() => new()
    {
        MinSteps = MinSteps,
        MaxSteps = MaxSteps,
        Agent = AgentId is null ? null : new Agent { Id = AgentId },
        Model = ModelId is null ? null : (ModelSource)new ChatModel { Id = ModelId, Name = ModelName!, Provider = ModelProvider!, Client = new AgentDescription.RemoteChatClient(ModelId) },
    };
}
