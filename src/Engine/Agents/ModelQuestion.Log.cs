using Microsoft.Extensions.Logging;

namespace Cluster.Engine.Agents;

internal sealed partial class ModelQuestion
{
    [LoggerMessage(LogLevel.Warning, "The provider of model {Model} told counts of tokens for run {RunId} that cannot be true; they were brought into bounds")]
    private static partial void LogImplausibleUsage(ILogger logger, string runId, string model);
}
