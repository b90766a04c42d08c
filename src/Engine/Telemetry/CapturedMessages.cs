using System.Text;
using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;

namespace Cluster.Engine.Telemetry;

/// <summary>Writes messages as the conventions want them in <c>gen_ai.input.messages</c> and <c>gen_ai.output.messages</c>. Media are left out.</summary>
internal static class CapturedMessages
{
    public static string ToJson(IReadOnlyCollection<Message> messages, string? finishReason = null)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = RelaxedJsonEncoder.Instance }))
        {
            writer.WriteStartArray();
            foreach (var message in messages)
            {
                Write(writer, message, finishReason);
            }

            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Write(Utf8JsonWriter writer, Message message, string? finishReason)
    {
        writer.WriteStartObject();
        writer.WriteString("role", message.Role);
        writer.WriteStartArray("parts");
        WritePart(writer, "reasoning", message.ReasoningContent);
        if (message.Role == MessageRole.Tool)
        {
            WriteResult(writer, message);
        }
        else
        {
            WritePart(writer, "text", message.Content);
        }

        foreach (var call in message.ToolCalls ?? [])
        {
            WriteCall(writer, call);
        }

        writer.WriteEndArray();
        if (finishReason is not null)
        {
            writer.WriteString("finish_reason", finishReason);
        }

        writer.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter writer, string type, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WriteString("content", text);
        writer.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter writer, Message message)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "tool_call_response");
        writer.WriteString("id", message.ToolCallId);
        writer.WriteString("response", message.Content);
        writer.WriteEndObject();
    }

    private static void WriteCall(Utf8JsonWriter writer, MessageToolCall call)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "tool_call");
        writer.WriteString("id", call.Id);
        writer.WriteString("name", call.Function.Name);
        writer.WritePropertyName("arguments");
        if (ChatMessages.ReadArguments(call.Function.Arguments) is { } arguments)
        {
            WellFormedElementConverter.Mend(arguments).WriteTo(writer);
        }
        else
        {
            writer.WriteStringValue(call.Function.Arguments);
        }

        writer.WriteEndObject();
    }
}
