using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Cluster.Engine.Telemetry;

/// <summary>The metrics of model calls that the conventions name.</summary>
internal static class GenAiMetrics
{
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
    };

    private static readonly InstrumentAdvice<long> Tokens = new()
    {
        HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864],
    };

    private static readonly Histogram<long> TokenUsage = EngineTelemetry.Meter.CreateHistogram(
        "gen_ai.client.token.usage", "{token}", "Tokens of a model call, by type.", tags: null, Tokens);

    private static readonly Histogram<double> Duration = EngineTelemetry.Meter.CreateHistogram(
        "gen_ai.client.operation.duration", "s", "How long a model call takes.", tags: null, Seconds);

    private static readonly Histogram<double> TimeToFirstChunk = EngineTelemetry.Meter.CreateHistogram(
        "gen_ai.client.operation.time_to_first_chunk", "s", "How long a model call takes to say the first thing.", tags: null, Seconds);

    /// <summary>Gets a value indicating whether anybody counts.</summary>
    public static bool Enabled => TokenUsage.Enabled || Duration.Enabled || TimeToFirstChunk.Enabled;

    /// <summary>Counts a model call that came to its end.</summary>
    /// <param name="tags">What tells the calls apart.</param>
    /// <param name="seconds">How long the call took.</param>
    /// <param name="secondsToFirstChunk">How long it said nothing; null when it never said anything.</param>
    /// <param name="usage">The tokens; null for what the provider did not tell.</param>
    public static void Record(in TagList tags, double seconds, double? secondsToFirstChunk, (long? Input, long? Output) usage)
    {
        Duration.Record(seconds, tags);
        if (secondsToFirstChunk is { } first)
        {
            TimeToFirstChunk.Record(first, tags);
        }

        RecordTokens(tags, "input", usage.Input);
        RecordTokens(tags, "output", usage.Output);
    }

    private static void RecordTokens(TagList tags, string type, long? count)
    {
        if (count is { } tokens)
        {
            tags.Add(TelemetryNames.TokenType, type);
            TokenUsage.Record(tokens, tags);
        }
    }
}
