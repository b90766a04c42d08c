using System.Text.Json.Nodes;
using Cluster.Engine.Agents;
using Cluster.Engine.Reasoning;
using Microsoft.Extensions.Options;

namespace Cluster.Api.Agents;

/// <summary>Shows agents.</summary>
/// <param name="models">Names their models.</param>
/// <param name="options">Names database and table.</param>
internal sealed class AgentResponses(AgentModels models, IOptions<AgentOsOptions> options)
{
    private const int DefaultHistoryRuns = 3;

    public AgentResponse Of(Agent agent) => new()
    {
        Id = agent.AgentId,
        Name = agent.Name,
        DbId = options.Value.DatabaseId,
        Description = agent.Description,
        Role = agent.Role,
        Model = models.Find(agent),
        Tools = ToTools(agent),
        Sessions = new SessionSettingsResponse(options.Value.Tables.Sessions)
        {
            AddHistoryToContext = agent.History.AddToContext ? true : null,
            NumHistoryRuns = agent.History.Runs is { } runs and not DefaultHistoryRuns ? runs : null,
        },
        Reasoning = ToReasoning(agent.Reasoning),
        SystemMessage = ToSystemMessage(agent) is { IsDefault: false } message ? message : null,
        ExtraMessages = agent.Prompt.AdditionalInput.IsEmpty ? null : new ExtraMessagesResponse(agent.Prompt.AdditionalInput),
        ResponseSettings = ToSettings(agent) is { IsDefault: false } settings ? settings : null,
        Metadata = agent.Metadata,
    };

    private ReasoningResponse? ToReasoning(ReasoningSettings? settings)
    {
        var plain = new ReasoningSettings();
        return settings is null ? null : new ReasoningResponse(true)
        {
            ReasoningAgentId = settings.Agent?.AgentId,
            ReasoningMinSteps = settings.MinSteps == plain.MinSteps ? null : settings.MinSteps,
            ReasoningMaxSteps = settings.MaxSteps == plain.MaxSteps ? null : settings.MaxSteps,
            ReasoningModel = settings.Model is null ? null : models.Find(settings.Model),
        };
    }

    private static ToolsResponse? ToTools(Agent agent)
    {
        var tools = agent.OfferedTools.Select(ToolParameters.Describe).ToArray();
        var response = new ToolsResponse { ToolCallLimit = agent.ToolCalls.Limit, ToolChoice = agent.ToolCalls.Choice };
        return tools.Length == 0 && response == new ToolsResponse() ? null : response with { Tools = tools.Length == 0 ? null : tools };
    }

    private static SystemMessageResponse ToSystemMessage(Agent agent) => new()
    {
        SystemMessage = agent.Prompt.SystemMessage,
        Description = agent.Description,
        Instructions = ToInstructions(agent.Instructions),
        ExpectedOutput = agent.Prompt.ExpectedOutput,
        AdditionalContext = agent.Prompt.AdditionalContext,
        Markdown = agent.Prompt.Markdown ? true : null,
        AddNameToContext = agent.Prompt.AddName ? true : null,
        AddDatetimeToContext = agent.Prompt.AddDateTime ? true : null,
        AddLocationToContext = agent.Prompt.Location is null ? null : true,
        TimezoneIdentifier = agent.Prompt.TimeZone,
        ResolveInContext = agent.Prompt.ResolveTemplates ? null : false,
    };

    /// <summary>Instructions that a function computes cannot be shown: they depend on the run.</summary>
    private static JsonNode? ToInstructions(Instructions instructions) => instructions.Lines switch
    {
        [] => null,
        [var line] => JsonValue.Create(line),
        var lines => new JsonArray([.. lines.Select(line => (JsonNode)line)]),
    };

    private static ResponseSettingsResponse ToSettings(Agent agent) => new()
    {
        OutputSchemaName = agent.Output.Schema?.ContentType,
        Retries = agent.Retry.Retries == 0 ? null : agent.Retry.Retries,
        DelayBetweenRetries = agent.Retry.Delay == TimeSpan.FromSeconds(1) ? null : agent.Retry.Delay.TotalSeconds,
        ExponentialBackoff = agent.Retry.ExponentialBackoff ? true : null,
    };
}
