using Microsoft.Extensions.Logging;

namespace Cluster.Providers.Models;

internal sealed partial class ClaudeChatClient
{
    [LoggerMessage(LogLevel.Warning, "Anthropic's API takes neither temperature nor top_p nor top_k; they are left out of the calls of {Model}")]
    private partial void LogSamplingLeftOut(string model);
}
