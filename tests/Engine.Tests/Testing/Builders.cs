using System.Text.Json;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Tests.Testing;

/// <summary>Small things that many tests need.</summary>
internal static class Builders
{
    public static JsonElement Json(string text) => JsonElement.Parse(text);

    public static JsonElement Json(object value) => JsonSerializer.SerializeToElement(value);

    public static IEnumerable<string> Names(this IEnumerable<RunEvent> events) => events.Select(next => next.Event);

    /// <summary>Gives the names with runs of deltas written as one.</summary>
    public static string Order(this IEnumerable<RunEvent> events) => string.Join(' ', events.Names().Aggregate(
        new List<string>(), (names, name) => names is [.., "RunContent"] && name == "RunContent" ? names : [.. names, name]));

    public static string RunId(this IEnumerable<RunEvent> log) => ((RunAccepted)log.First()).Request.RunId;

    public static string Text(this IEnumerable<RunEvent> events) => string.Concat(events.OfType<RunContent>().Select(delta => delta.Content?.Text));

    public static void AssertGapless(IEnumerable<RunEvent> events)
    {
        var indexes = events.Select(next => next.EventIndex).ToArray();
        Assert.Equal([.. Enumerable.Range(0, indexes.Length).Select(index => (long?)index)], indexes);
    }
}
