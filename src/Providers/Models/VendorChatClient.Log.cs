using Microsoft.Extensions.Logging;

namespace Cluster.Providers.Models;

internal sealed partial class VendorChatClient
{
    [LoggerMessage(LogLevel.Warning, "{Provider} failed a call of {Model} with status {StatusCode}; retry {Retry} of {Retries} follows in {Pause}")]
    private partial void LogRetry(string provider, string model, int? statusCode, int retry, int retries, TimeSpan pause);
}
