using System.ClientModel;
using System.ClientModel.Primitives;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Cluster.Providers.Models;

/// <summary>Speaks OpenAI's chat completions with OpenAI and everybody who took them over. ADR 8 says what of OpenAI's own library serves here.</summary>
internal sealed class OpenAIChatClient : IChatClient
{
    /// <summary>Local servers take any key, and the library takes none that is empty.</summary>
    private const string NoKey = "none";

    private readonly VendorCall _call;
    private readonly ChatClient _client;

    /// <summary>Creates the client.</summary>
    /// <param name="call">Who is called.</param>
    /// <param name="http">The connections.</param>
    public OpenAIChatClient(VendorCall call, VendorHttp http)
    {
        _call = call;
        _client = new ChatClient(call.ModelId, new ApiKeyCredential(call.ApiKey.Length > 0 ? call.ApiKey : NoKey), new OpenAIClientOptions
        {
            Endpoint = call.BaseUrl,
            Transport = new HttpClientPipelineTransport(http.Client),
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
        });
    }

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = new OpenAIRequest(_call).Write(messages, options);
        using var content = BinaryContent.Create(request);
        var result = await _client.CompleteChatAsync(content, new RequestOptions { BufferResponse = false, CancellationToken = cancellationToken });
        using var response = result.GetRawResponse();
        if (response.ContentStream is not { } stream)
        {
            yield break;
        }

        var toolNames = (options?.Tools ?? []).Select(tool => tool.Name).ToHashSet(StringComparer.Ordinal);
        await using var updates = OpenAIStream.ReadAsync(stream, _call.Vendor.Name, toolNames, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(updates, response))
        {
            yield return updates.Current;
        }
    }

    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<ChatResponseUpdate> updates, PipelineResponse response)
    {
        try
        {
            return await updates.MoveNextAsync();
        }
        catch (VendorFailure failure) when (failure.RetryAfter is null)
        {
            throw failure.After(VendorHttp.RetryAfter(name => response.Headers.TryGetValue(name, out var value) ? value : null));
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => (serviceKey, serviceType) switch
    {
        (null, { } type) when type == typeof(ChatClientMetadata) => new ChatClientMetadata(_call.Vendor.Name, _call.BaseUrl, _call.ModelId),
        (null, { } type) when type.IsInstanceOfType(this) => this,
        _ => null,
    };

    public void Dispose()
    {
    }
}
