using Microsoft.Extensions.Logging;

namespace Cluster.Storage.Embedded;

/// <summary>The messages of the embedded store.</summary>
internal static partial class JournalLog
{
    [LoggerMessage(LogLevel.Information, "Opened the store in {Directory}: {Sessions} sessions and {Runs} runs from {Bytes} bytes in {Segments} files")]
    public static partial void Opened(ILogger logger, string directory, int sessions, int runs, long bytes, int segments);

    [LoggerMessage(LogLevel.Warning, "{Path} ends with {Bytes} bytes of a write that was cut off at offset {Offset}; they were never acknowledged and are dropped")]
    public static partial void Truncated(ILogger logger, string path, long offset, long bytes);

    [LoggerMessage(LogLevel.Information, "Deleted {Path}, which a compaction has replaced")]
    public static partial void Deleted(ILogger logger, string path);

    [LoggerMessage(LogLevel.Information, "Compacted the store in {Directory} from {Before} to {After} bytes")]
    public static partial void Compacted(ILogger logger, string directory, long before, long after);

    [LoggerMessage(LogLevel.Warning, "The store in {Directory} could not be compacted and goes on as it is")]
    public static partial void CompactionFailed(ILogger logger, Exception cause, string directory);

    [LoggerMessage(LogLevel.Error, "The store in {Directory} could not write {Commits} changes; they were refused and nothing of them is kept")]
    public static partial void WriteFailed(ILogger logger, Exception cause, string directory, int commits);
}
