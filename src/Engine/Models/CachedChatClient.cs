using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Cluster.Engine.Caching;
using Cluster.Engine.Json;
using Cluster.Engine.Tools;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Models;

/// <summary>How answers of a model are used again.</summary>
public sealed record ResponseCacheSettings
{
    /// <summary>Gets how long an answer may be used again. The default is one hour.</summary>
    public TimeSpan TimeToLive { get; init => field = Durations.Positive(value, nameof(TimeToLive)); } = TimeSpan.FromHours(1);
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
        if (Key([.. messages], options ?? new ChatOptions()) is not { } key)
        {
            await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
            {
                yield return update;
            }

            yield break;
        }

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

    /// <summary>Gives a hash of all that the answer depends on; the ids of messages are not part of it.</summary>
    /// <returns>The hash; null when the options hold something that cannot be written down, so that nobody can tell whether they are the same.</returns>
    private string? Key(IReadOnlyList<ChatMessage> messages, ChatOptions options)
    {
        if (options.RawRepresentationFactory is not null)
        {
            return null;
        }

        try
        {
            return Hash(messages, options);
        }
        catch (Exception unwritable) when (unwritable is NotSupportedException or JsonException)
        {
            return null;
        }
    }

    private string Hash(IReadOnlyList<ChatMessage> messages, ChatOptions options)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = RelaxedJsonEncoder.Instance }))
        {
            writer.WriteStartArray();
            writer.WriteStringValue($"{model.Provider}/{model.Name}/{model.Id}/{(GetService(typeof(ChatClientMetadata)) as ChatClientMetadata)?.ProviderUri}");
            foreach (var message in messages)
            {
                writer.WriteStringValue($"{message.Role.Value}/{message.AuthorName}");
                JsonSerializer.Serialize(writer, message.Contents, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IList<AIContent>)));
            }

            Write(writer, options);
            writer.WriteEndArray();
        }

        return "model/" + Convert.ToHexStringLower(SHA256.HashData(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }

    /// <summary>Whatever options there are or will be, they are written as a whole: one that was forgotten would give the answer to another question.</summary>
    private static void Write(Utf8JsonWriter writer, ChatOptions options)
    {
        JsonSerializer.Serialize(writer, options, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(ChatOptions)));
        foreach (var tool in options.Tools ?? [])
        {
            writer.WriteStringValue($"{tool.GetType().Name}/{tool.Name}");
            writer.WriteStringValue(tool.Description);
            (tool as AIFunctionDeclaration)?.JsonSchema.WriteTo(writer);
        }
    }
}
