using System.ClientModel;
using System.ClientModel.Primitives;
using Cluster.Providers.Models;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using OpenAI;

namespace Cluster.Providers.Tests.Models.Wire;

/// <summary>The framework's own client of OpenAI under our patience, for ADR 28.</summary>
internal static class Comparison
{
    private static readonly VendorHttp Http = new(TimeProvider.System);

    public static IChatClient Create(Uri url)
    {
        var client = new OpenAI.Chat.ChatClient("m", new ApiKeyCredential(ModelTestBed.Key), new OpenAIClientOptions
        {
            Endpoint = url,
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            Transport = new HttpClientPipelineTransport(Http.Client),
        });
        var call = new VendorCall(ModelVendor.OpenAICompatible[0], "m", url, ModelTestBed.Key, new ModelVendorOptions { Retries = 0 });
        return new VendorChatClient(client.AsIChatClient(), call, TimeProvider.System, NullLogger.Instance);
    }
}
