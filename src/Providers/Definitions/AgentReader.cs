using Cluster.Engine.Agents;
using Cluster.Engine.Reasoning;
using Cluster.Engine.Runs;
using Microsoft.Extensions.AI;

namespace Cluster.Providers.Definitions;

/// <summary>Reads one agent, or what a team's leader has of one.</summary>
/// <param name="map">Its mapping.</param>
/// <param name="owner">What it is called in messages.</param>
internal sealed class AgentReader(YamlMap map, string owner)
{
    /// <summary>Reads it.</summary>
    /// <param name="known">The tools that it may name.</param>
    /// <param name="blank">What it is made of: an agent, or a team with what only teams have.</param>
    public Agent Read(KnownTools known, Agent blank)
    {
        var tools = new ToolReader(known);
        tools.Read(map, owner);
        var output = new OutputReader(map, owner);
        var context = new ContextReader(map, owner);
        var agent = blank with
        {
            Id = map.Text("id"),
            Name = map.Text("name"),
            Description = map.Text("description"),
            Role = map.Text("role"),
            Model = ModelReader.Read(map, owner),
            ModelOptions = ReadModelOptions(),
            Instructions = map.Texts("instructions") is { IsEmpty: false } lines ? new Instructions { Lines = lines } : Instructions.None,
            Tools = tools.Tools,
            Toolkits = tools.Toolkits,
            ToolCalls = ReadToolCalls(),
            Prompt = ReadPrompt() with { AdditionalInput = context.ReadAdditionalInput() },
            Context = context.ReadContext(),
            Record = context.ReadRecord(),
            History = ReadHistory(),
            SessionState = new SessionStateSettings
            {
                Initial = map.Object("session_state"),
                AddToContext = map.Flag("add_session_state_to_context"),
                Agentic = map.Flag("enable_agentic_state"),
                OverwriteStored = map.Flag("overwrite_db_session_state"),
            },
            Dependencies = new Dependencies { Values = map.Object("dependencies"), AddToContext = map.Flag("add_dependencies_to_context") },
            Metadata = map.Object("metadata"),
            InputSchema = map.Object("input_schema"),
            Output = output.ReadOutput(),
            Fallbacks = output.ReadFallbacks(),
            ResponseCache = output.ReadCache(),
            Guardrails = new GuardrailReader(known).Read(map, owner),
            Reasoning = ReadReasoning(),
            Retry = ReadRetry(),
            Checkpoint = ReadCheckpoint(),
            Debug = ReadDebug(),
        };
        map.RefuseOthers();
        return agent.Id is null && agent.Name is null ? throw map.Error($"{owner} has neither 'id' nor 'name'. Add one.") : agent;
    }

    private ToolCallSettings ReadToolCalls() => new()
    {
        Limit = map.Integer("tool_call_limit", 0),
        Choice = map.Text("tool_choice"),
        MaxModelCalls = map.Integer("max_model_calls", 1) ?? ToolCallSettings.Default.MaxModelCalls,
        Parallel = map.Integer("max_parallel_tool_calls", 1) ?? ToolCallSettings.Default.Parallel,
        Timeout = map.PositiveSeconds("tool_timeout"),
        MaxRepetitions = map.Integer("max_tool_repetitions", 2) ?? ToolCallSettings.Default.MaxRepetitions,
    };

    private ChatOptions? ReadModelOptions()
    {
        var options = new ChatOptions
        {
            Temperature = (float?)map.Number("temperature"),
            TopP = (float?)map.Number("top_p"),
            MaxOutputTokens = map.Integer("max_tokens", 1),
            Seed = map.Integer("seed", 0),
            StopSequences = map.Texts("stop") is { IsEmpty: false } stop ? [.. stop] : null,
        };
        return options is { Temperature: null, TopP: null, MaxOutputTokens: null, Seed: null, StopSequences: null } ? null : options;
    }

    private PromptSettings ReadPrompt()
    {
        var location = map.Text("location");
        if (map.OptionalFlag("add_location_to_context") is { } addLocation && addLocation != location is not null)
        {
            throw map.Error(map.Node("add_location_to_context")!, addLocation
                ? $"{owner} adds a location and has none. Add 'location', nothing looks it up."
                : $"{owner} has a location and does not add it. Take 'location' or 'add_location_to_context' away.");
        }

        return new PromptSettings
        {
            SystemMessage = map.Text("system_message"),
            ExpectedOutput = map.Text("expected_output"),
            AdditionalContext = map.Text("additional_context"),
            Markdown = map.Flag("markdown"),
            AddDateTime = map.Flag("add_datetime_to_context"),
            TimeZone = ReadTimeZone(),
            Location = location,
            AddName = map.Flag("add_name_to_context"),
            UseInstructionTags = map.Flag("use_instruction_tags"),
            SendMedia = map.OptionalFlag("send_media_to_model") ?? PromptSettings.Default.SendMedia,
            ResolveTemplates = map.OptionalFlag("resolve_in_context") ?? PromptSettings.Default.ResolveTemplates,
        };
    }

    private string? ReadTimeZone() => map.Text("timezone_identifier") is not { } name ? null
        : TimeZoneInfo.TryFindSystemTimeZoneById(name, out _) ? name
        : throw map.Error(map.Node("timezone_identifier")!, $"'{name}' is no time zone. Write an IANA name, for instance Europe/Berlin.");

    private HistorySettings ReadHistory() => new()
    {
        AddToContext = map.Flag("add_history_to_context"),
        Runs = map.Integer("num_history_runs", 1),
        Messages = map.Integer("num_history_messages", 1),
        MaxToolCalls = map.Integer("max_tool_calls_from_history", 0),
    };

    /// <summary>A level alone switches nothing on.</summary>
    private DebugMode ReadDebug()
    {
        var level = map.Integer("debug_level", 1) ?? 1;
        if (level > 2)
        {
            throw map.Error(map.Node("debug_level")!, $"{owner} has a debug_level of {level}. Write 1 for the steps of a run or 2 for all that is said in it.");
        }

        return !map.Flag("debug_mode") ? DebugMode.Off : level == 2 ? DebugMode.Content : DebugMode.Steps;
    }

    private CheckpointMode ReadCheckpoint() => map.Text("checkpoint") switch
    {
        null or "runs" => CheckpointMode.Runs,
        "tool-batch" => CheckpointMode.ToolBatch,
        { } other => throw map.Error(map.Node("checkpoint")!, $"'{other}' is no kind of checkpoint that is supported. Write runs or tool-batch."),
    };

    /// <summary>A model that is to think is reason enough.</summary>
    private ReasoningSettings? ReadReasoning()
    {
        var (isOn, model) = (map.OptionalFlag("reasoning"), ModelReader.Read(map, owner, "reasoning_model"));
        var plain = new ReasoningSettings();
        var settings = new ReasoningSettings
        {
            Model = model,
            MinSteps = map.Integer("reasoning_min_steps", 1) ?? plain.MinSteps,
            MaxSteps = map.Integer("reasoning_max_steps", 1) ?? plain.MaxSteps,
        };
        return settings.MinSteps > settings.MaxSteps
            ? throw map.Error($"{owner} takes at least {settings.MinSteps} and at most {settings.MaxSteps} steps of thought. Raise 'reasoning_max_steps'.")
            : isOn ?? model is not null ? settings : null;
    }

    private RetrySettings ReadRetry() => new()
    {
        Retries = map.Integer("retries", 0) ?? RetrySettings.Default.Retries,
        Delay = map.Seconds("delay_between_retries") ?? RetrySettings.Default.Delay,
        ExponentialBackoff = map.Flag("exponential_backoff"),
    };
}
