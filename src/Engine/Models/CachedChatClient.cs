using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Cluster.Engine.Caching;
using Cluster.Engine.Json;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Models;

/// <summary>How answers of a model are used again.</summary>
public sealed record ResponseCacheSettings
{
    /// <summary>Gets how long an answer may be used again. The default is one hour.</summary>
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromHours(1);
}

/// <summary>Gives the answer that the same question got before. Only answers that came to their end are kept; one that calls tools is as good as any.</summary>
/// <param name="model">The model that is asked otherwise.</param>
/// <param name="cache">Where answers are kept.</param>
/// <param name="settings">How long.</param>
internal sealed class CachedChatClient(ChatModel model, IResultCache cache, ResponseCacheSettings settings) : DelegatingChatClient(model.Client)
{
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var key = Key([.. messages], options);
        if (await cache.FindAsync(key, cancellationToken) is { } known)
        {
            foreach (var update in JsonSerializer.Deserialize<List<ChatResponseUpdate>>(known, AIJsonUtilities.DefaultOptions)!)
            {
                yield return update;
            }

            yield break;
        }

        var said = new List<ChatResponseUpdate>();
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
        {
            said.Add(update);
            yield return update;
        }

        // What the provider's library hung on the updates belongs to that call and may not be writable as JSON.
        var kept = said.Select(update => new ChatResponseUpdate(update.Role, update.Contents) { FinishReason = update.FinishReason, ModelId = update.ModelId });
        await cache.PutAsync(key, JsonSerializer.Serialize(kept.ToList(), AIJsonUtilities.DefaultOptions), settings.TimeToLive, cancellationToken);
    }

    /// <summary>A hash of all that the answer depends on; the ids of messages are not part of it.</summary>
    private string Key(IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = RelaxedJsonEncoder.Instance }))
        {
            writer.WriteStartArray();
            writer.WriteStringValue($"{model.Provider}/{model.Name}/{model.Id}");
            foreach (var message in messages)
            {
                writer.WriteStringValue(message.Role.Value);
                JsonSerializer.Serialize(writer, message.Contents, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IList<AIContent>)));
            }

            Write(writer, options ?? new ChatOptions());
            writer.WriteEndArray();
        }

        return "model/" + Convert.ToHexStringLower(SHA256.HashData(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }

    private static void Write(Utf8JsonWriter writer, ChatOptions options)
    {
        writer.WriteStringValue(FormattableString.Invariant(
            $"{options.Temperature}|{options.TopP}|{options.TopK}|{options.MaxOutputTokens}|{options.Seed}|{string.Join('\u001f', options.StopSequences ?? [])}|{options.ToolMode}"));
        if (options.ResponseFormat is ChatResponseFormatJson { Schema: { } schema })
        {
            schema.WriteTo(writer);
        }

        foreach (var tool in (options.Tools ?? []).OfType<AIFunctionDeclaration>())
        {
            writer.WriteStringValue(tool.Name);
            writer.WriteStringValue(tool.Description);
            tool.JsonSchema.WriteTo(writer);
        }
    }
}
