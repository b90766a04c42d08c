using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Tests.Testing;

/// <summary>One call of a <see cref="ChannelChatClient"/>: what was asked, and what the test lets it answer.</summary>
internal sealed class ModelCall(IReadOnlyList<ChatMessage> messages, ChatOptions options)
{
    private readonly Channel<ChatResponseUpdate> _updates = Channel.CreateUnbounded<ChatResponseUpdate>();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<ChatMessage> Messages { get; } = messages;

    public ChatOptions Options { get; } = options;

    /// <summary>Gets the text of each message, its role in front.</summary>
    public IReadOnlyList<string> Texts => [.. Messages.Select(message => $"{message.Role}: {Text(message)}")];

    public string? SystemText => Messages.FirstOrDefault(message => message.Role == ChatRole.System)?.Text;

    public string Input => Messages.Last(message => message.Role == ChatRole.User).Text;

    public bool HasToolResults => Messages[^1].Role == ChatRole.Tool;

    /// <summary>Gets a task that ends when the caller stopped the call.</summary>
    public Task Stopped => _stopped.Task;

    internal ChannelReader<ChatResponseUpdate> Updates => _updates.Reader;

    public ModelCall Say(params string[] words) => words.Aggregate(this, (call, word) => call.Write(new TextContent(word)));

    public ModelCall Think(string thought) => Write(new TextReasoningContent(thought));

    public ModelCall Use(string tool, object? arguments = null, string? id = null) =>
        Write(new FunctionCallContent(id ?? string.Empty, tool, Arguments(arguments)));

    public ModelCall UseMalformed(string tool, string arguments, string id) => Write(new FunctionCallContent(id, tool)
    {
        Exception = new JsonException("malformed"),
        AdditionalProperties = new AdditionalPropertiesDictionary { ["arguments"] = arguments },
    });

    public ModelCall Cost(int input, int output) =>
        Write(new UsageContent(new UsageDetails { InputTokenCount = input, OutputTokenCount = output, TotalTokenCount = input + output }));

    public ModelCall Write(AIContent content) => Write(new ChatResponseUpdate(ChatRole.Assistant, [content]));

    public ModelCall Write(ChatResponseUpdate update)
    {
        _updates.Writer.TryWrite(update);
        return this;
    }

    public void End() => _updates.Writer.TryComplete();

    public void Fail(Exception failure) => _updates.Writer.TryComplete(failure);

    internal void Stop() => _stopped.TrySetResult();

    private static Dictionary<string, object?> Arguments(object? arguments) => arguments is null
        ? []
        : JsonSerializer.SerializeToElement(arguments).EnumerateObject().ToDictionary(member => member.Name, member => (object?)member.Value);

    private static string Text(ChatMessage message) => string.Concat(message.Contents.Select(content => content switch
    {
        TextContent text => text.Text,
        FunctionCallContent call => $"[{call.Name}]",
        FunctionResultContent result => result.Result?.ToString(),
        _ => $"<{content.GetType().Name}>",
    }));
}
