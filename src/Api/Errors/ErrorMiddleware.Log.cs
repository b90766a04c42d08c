namespace Cluster.Api.Errors;

internal sealed partial class ErrorMiddleware
{
    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed; the answer names the trace {TraceId}")]
    private partial void LogFailed(string method, string path, string traceId, Exception error);
}
