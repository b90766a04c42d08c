using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Providers.Models.Wire;
using Microsoft.Extensions.AI;

namespace Cluster.Providers.Models;

/// <summary>Writes the request of a chat completion.</summary>
/// <param name="call">Who is called.</param>
internal sealed class OpenAIRequest(VendorCall call)
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly WireDialect _dialect = call.Vendor.Dialect;

    /// <summary>Writes the body. Additional properties of the options become members of it and win over the others.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">The settings of the call; null for the vendor's defaults.</param>
    /// <returns>The body as UTF-8 JSON.</returns>
    public BinaryData Write(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        options ??= new ChatOptions();
        var body = new JsonObject
        {
            ["model"] = options.ModelId ?? call.ModelId,
            ["messages"] = new OpenAIMessages(call.Vendor).Write(messages, options.Instructions),
            ["stream"] = true,
        };
        if (_dialect.StreamOptions)
        {
            body["stream_options"] = new JsonObject { ["include_usage"] = true };
        }

        AddSettings(body, options);
        AddTools(body, options);
        foreach (var (name, value) in options.AdditionalProperties ?? [])
        {
            body[name] = JsonSerializer.SerializeToNode(value, AIJsonUtilities.DefaultOptions);
        }

        return new BinaryData(JsonSerializer.SerializeToUtf8Bytes(body, Plain));
    }

    private void AddSettings(JsonObject body, ChatOptions options)
    {
        Add(body, "temperature", options.Temperature);
        Add(body, "top_p", options.TopP);
        Add(body, "top_k", _dialect.TakesTopK ? options.TopK : null);
        Add(body, _dialect.MaxTokens, options.MaxOutputTokens ?? call.Options.MaxOutputTokens);
        Add(body, "frequency_penalty", options.FrequencyPenalty);
        Add(body, "presence_penalty", options.PresencePenalty);
        Add(body, _dialect.Seed, options.Seed);
        if (options.StopSequences is { Count: > 0 } stop)
        {
            body["stop"] = new JsonArray([.. stop.Select(text => JsonValue.Create(text))]);
        }

        if (ToText(options.Reasoning?.Effort) is { } effort)
        {
            body["reasoning_effort"] = effort;
        }

        if (options.ResponseFormat is ChatResponseFormatJson format)
        {
            body["response_format"] = Write(format);
        }
    }

    private JsonObject Write(ChatResponseFormatJson format)
    {
        if (format.Schema is not { } schema)
        {
            return new JsonObject { ["type"] = "json_object" };
        }

        var named = new JsonObject { ["name"] = format.SchemaName ?? "answer" };
        if (format.SchemaDescription is { } description)
        {
            named["description"] = description;
        }

        // A schema that cannot be held is refused as a strict one, and would be another one when it was made to hold.
        var strict = _dialect.StrictSchemas ? StrictSchema.TryMake(schema) : null;
        if (strict is not null)
        {
            named["strict"] = true;
        }

        named["schema"] = strict ?? WireJson.ToNode(schema);
        return new JsonObject { ["type"] = "json_schema", ["json_schema"] = named };
    }

    private static void AddTools(JsonObject body, ChatOptions options)
    {
        var tools = (options.Tools ?? []).OfType<AIFunctionDeclaration>().Select(Write).ToArray();
        if (tools.Length == 0)
        {
            return;
        }

        body["tools"] = new JsonArray(tools);
        JsonNode? choice = options.ToolMode switch
        {
            AutoChatToolMode => "auto",
            NoneChatToolMode => "none",
            RequiredChatToolMode { RequiredFunctionName: { } name } => new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = name } },
            RequiredChatToolMode => "required",
            _ => null,
        };
        if (choice is not null)
        {
            body["tool_choice"] = choice;
        }

        Add(body, "parallel_tool_calls", options.AllowMultipleToolCalls);
    }

    private static JsonNode Write(AIFunctionDeclaration tool)
    {
        var function = new JsonObject { ["name"] = tool.Name };
        if (tool.Description.Length > 0)
        {
            function["description"] = tool.Description;
        }

        function["parameters"] = WireJson.ToNode(tool.JsonSchema);
        return new JsonObject { ["type"] = "function", ["function"] = function };
    }

    private static string? ToText(ReasoningEffort? effort) => effort switch
    {
        ReasoningEffort.None => "none",
        ReasoningEffort.Low => "low",
        ReasoningEffort.Medium => "medium",
        ReasoningEffort.High => "high",
        ReasoningEffort.ExtraHigh => "xhigh",
        _ => null,
    };

    private static void Add<T>(JsonObject body, string name, T? value)
        where T : struct
    {
        if (value is { } given)
        {
            body[name] = JsonValue.Create(given);
        }
    }
}
