using System.Collections.Immutable;
using System.ComponentModel;
using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits.Http;

namespace Cluster.Providers.Toolkits.Apis;

/// <summary>Messages to Slack.</summary>
public static class SlackToolkit
{
    /// <summary>Makes the toolkit <c>slack</c>.</summary>
    /// <param name="options">The bot and where it may write.</param>
    /// <returns>The toolkit.</returns>
    public static Toolkit Create(SlackToolkitOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var client = new ApiClient(
            ApiAddress.Of("Slack", options.BaseUrl, "https://slack.com"), [new("Authorization", $"Bearer {options.Token}")], new FetchLimits { Timeout = options.Timeout });
        return new Toolkit { Name = "slack", Tools = [Tool.Create(new SlackTools(client, options.Channels).SendSlackMessageAsync)] };
    }

    private sealed class SlackTools(ApiClient client, ImmutableArray<string> channels)
    {
        [Description("Sends a message to a channel of Slack.")]
        public async Task<string> SendSlackMessageAsync(
            [Description("The channel's id or name, for instance #general.")] string channel,
            [Description("The message, in Slack's markdown.")] string text,
            CancellationToken cancellationToken,
            [Description("The ts of the message to answer in a thread; null for a message of its own.")] string? threadTs = null)
        {
            if (!channels.IsEmpty && !channels.Contains(channel, StringComparer.Ordinal))
            {
                throw new ForbiddenException($"The channel '{channel}' is not allowed. Allowed are: {string.Join(", ", channels)}.");
            }

            var message = new Dictionary<string, string> { ["channel"] = channel, ["text"] = text };
            if (threadTs is not null)
            {
                message["thread_ts"] = threadTs;
            }

            // Slack answers 200 whatever happened.
            var answer = await client.PostJsonAsync("/api/chat.postMessage", message, cancellationToken);
            return answer.At("ok").ValueKind == JsonValueKind.True
                ? ToolJson.Write(new { Channel = answer.Text("channel"), Ts = answer.Text("ts") })
                : throw new InvalidRequestException($"Slack refuses the message: {answer.Text("error") ?? "it does not say why"}. Correct the channel or the text.");
        }
    }
}
