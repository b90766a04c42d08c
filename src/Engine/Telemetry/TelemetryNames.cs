using System.Collections.Frozen;

namespace Cluster.Engine.Telemetry;

/// <summary>The attributes of spans and metrics, and their well-known values.</summary>
internal static class TelemetryNames
{
    public const string OperationName = "gen_ai.operation.name";
    public const string ProviderName = "gen_ai.provider.name";
    public const string ConversationId = "gen_ai.conversation.id";
    public const string AgentId = "gen_ai.agent.id";
    public const string AgentName = "gen_ai.agent.name";
    public const string RequestModel = "gen_ai.request.model";
    public const string RequestStream = "gen_ai.request.stream";
    public const string ResponseModel = "gen_ai.response.model";
    public const string ResponseId = "gen_ai.response.id";
    public const string ResponseFinishReasons = "gen_ai.response.finish_reasons";
    public const string ResponseTimeToFirstChunk = "gen_ai.response.time_to_first_chunk";
    public const string InputTokens = "gen_ai.usage.input_tokens";
    public const string OutputTokens = "gen_ai.usage.output_tokens";
    public const string CacheReadTokens = "gen_ai.usage.cache_read.input_tokens";
    public const string TokenType = "gen_ai.token.type";
    public const string InputMessages = "gen_ai.input.messages";
    public const string OutputMessages = "gen_ai.output.messages";
    public const string ToolName = "gen_ai.tool.name";
    public const string ToolType = "gen_ai.tool.type";
    public const string ToolCallId = "gen_ai.tool.call.id";
    public const string ToolCallArguments = "gen_ai.tool.call.arguments";
    public const string ToolCallResult = "gen_ai.tool.call.result";
    public const string ErrorType = "error.type";
    public const string HttpStatusCode = "http.response.status_code";
    public const string RunId = "cluster.run.id";
    public const string ParentRunId = "cluster.run.parent_id";
    public const string RunGeneration = "cluster.run.generation";
    public const string RunStatus = "cluster.run.status";

    public const string InvokeAgent = "invoke_agent";
    public const string Chat = "chat";
    public const string ExecuteTool = "execute_tool";

    /// <summary>Somebody stopped the work before it had an outcome.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The convention's word for errors that have no name.</summary>
    public const string OtherError = "_OTHER";

    /// <summary>The vendors whose name in the convention is not just their display name in lower case.</summary>
    private static readonly FrozenDictionary<string, string> KnownProviders = new Dictionary<string, string>
    {
        ["Mistral"] = "mistral_ai",
        ["xAI"] = "x_ai",
        ["OpenAI"] = "openai",
        ["Anthropic"] = "anthropic",
        ["DeepSeek"] = "deepseek",
        ["Groq"] = "groq",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Gives the convention's name of a provider.</summary>
    /// <param name="displayName">Its name in events.</param>
    public static string Provider(string displayName) => KnownProviders.GetValueOrDefault(displayName) ?? Lower(displayName);

    /// <summary>Gives the name of a status in attributes.</summary>
    public static string Status(Runs.RunStatus status) => status switch
    {
        Runs.RunStatus.Pending => "pending",
        Runs.RunStatus.Running => "running",
        Runs.RunStatus.Completed => "completed",
        Runs.RunStatus.Paused => "paused",
        Runs.RunStatus.Cancelled => "cancelled",
        Runs.RunStatus.Error => "error",
        _ => Lower(status.ToString()),
    };

    private static string Lower(string text) => string.Create(text.Length, text, (span, source) => source.AsSpan().ToLowerInvariant(span));
}
