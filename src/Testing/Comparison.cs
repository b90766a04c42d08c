using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;

namespace Cluster.Testing;

/// <summary>What differs between a run that was stopped and one that was not.</summary>
internal static partial class Comparison
{
    public static IEnumerable<CrashFinding> Find(CrashPoint point, TrialOutcome expected, TrialOutcome actual)
    {
        var where = point.ToString();
        var repeated = Repeated(actual);
        return FindCalls(actual).Concat(FindOutcome(expected, actual)).Select(text => new CrashFinding(where, text, repeated));
    }

    /// <summary>The tools that were called more than once for one call of the model.</summary>
    private static ImmutableArray<string> Repeated(TrialOutcome actual) =>
        [.. actual.Calls.GroupBy(call => call.CallId, StringComparer.Ordinal).Where(calls => calls.Count() > 1).Select(calls => calls.First().Tool).Distinct(StringComparer.Ordinal)];

    private static IEnumerable<string> FindCalls(TrialOutcome actual)
    {
        foreach (var call in actual.Calls.Skip(actual.CallsBefore).Where(call => actual.SettledBefore.Contains(call.CallId)))
        {
            yield return $"{call.Tool} was called again although its result had been stored ({call.CallId})";
        }

        foreach (var calls in actual.Calls.GroupBy(call => call.CallId, StringComparer.Ordinal).Where(calls => calls.Select(call => call.Key).Distinct().Count() > 1))
        {
            yield return $"{calls.First().Tool} was called again with another idempotency key ({calls.Key})";
        }

        foreach (var tool in actual.AskedAgain)
        {
            yield return $"the answer about {tool} was lost: the human was asked again";
        }

        if (actual.Events.Select((next, index) => next.EventIndex == index).Contains(false))
        {
            yield return "the indexes of the events have a gap";
        }
    }

    private static IEnumerable<string> FindOutcome(TrialOutcome expected, TrialOutcome actual)
    {
        foreach (var (name, before, after) in new[]
        {
            ("the status", expected.Output.Status.ToString(), actual.Output.Status.ToString()),
            ("the answer", Answer(expected.Output), Answer(actual.Output)),
            ("the conversation", Text(expected.Output), Text(actual.Output)),
            ("the result of a tool call", Tools(expected.Output), Tools(actual.Output)),
            ("what was thought", Thoughts(expected.Output), Thoughts(actual.Output)),
            ("what tools made", Media(expected.Output), Media(actual.Output)),
            ("the session state", expected.Output.SessionState?.GetRawText(), actual.Output.SessionState?.GetRawText()),
            ("the suggestions", string.Join(" | ", expected.Output.Followups ?? []), string.Join(" | ", actual.Output.Followups ?? [])),
            ("the work of the members", Members(expected.Output), Members(actual.Output)),
            ("what became of the runs", Runs(expected), Runs(actual)),
            ("the state of the session", expected.Session.SessionState?.GetRawText(), actual.Session.SessionState?.GetRawText()),
            ("the cost", Cost(expected.Output.Metrics), Cost(actual.Output.Metrics)),
            ("the cost of the session", Cost(expected.Session.Metrics), Cost(actual.Session.Metrics)),
            ("the world", expected.World, actual.World),
        })
        {
            if (WithoutIds(before) != WithoutIds(after))
            {
                yield return $"{name} is another one.\n    expected: {before}\n    found:    {after}";
            }
        }
    }

    private static string Answer(RunOutput output) => $"{output.Content} ({output.ContentType})";

    private static string Tools(RunOutput output) => string.Join(", ", (output.Tools ?? [])
        .Select(tool => $"{tool.ToolName}({tool.ToolArgs}) = {tool.Result}{(tool.ToolCallError == true ? " (error)" : string.Empty)}"));

    private static string Thoughts(RunOutput output) => $"{output.ReasoningContent} {string.Join(" / ", (output.ReasoningSteps ?? []).Select(step => $"{step.Title}: {step.Reasoning}"))}";

    private static string Media(RunOutput output) => string.Join(", ", new[] { output.Images, output.Videos, output.Audio, output.Files }
        .SelectMany(made => made ?? []).Select(made => $"{made.MimeType} {made.Filename}{made.Url}{made.Content}"));

    private static string Runs(TrialOutcome outcome) => string.Join(", ", outcome.Runs.Select(run => $"{run.Status} ({run.ForkedFromMessageIndex})"));

    private static string Cost(TokenMetrics? cost) => $"{cost?.InputTokens} + {cost?.OutputTokens} tokens";

    /// <summary>What members did, in whatever order they were engaged.</summary>
    private static string Members(RunOutput output) => string.Join(" // ", (output.MemberResponses ?? [])
        .Select(member => $"{member.ComponentId} {member.Status}: {Text(member)} {Members(member)}").Order(StringComparer.Ordinal));

    /// <summary>The conversation without what differs from run to run: ids and times.</summary>
    private static string Text(RunOutput output) => string.Join(" / ", (output.Messages ?? []).Select(Text));

    private static string Text(Message message)
    {
        var calls = string.Join(", ", (message.ToolCalls ?? []).Select(call => $"{call.Function.Name}({call.Function.Arguments})"));
        return $"{message.Role}: {message.Content}{(calls.Length > 0 ? $" [{calls}]" : string.Empty)}";
    }

    /// <summary>
    /// Every run of a sweep has an id of its own, and with it whatever tools make of the key of a call. An id stands for the same thing wherever it appears in a
    /// text, so its number in the order of appearance says as much.
    /// </summary>
    private static string? WithoutIds(string? text)
    {
        var numbers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        return text is null ? null : Uuid().Replace(text, id =>
        {
            if (!numbers.TryGetValue(id.Value, out var number))
            {
                numbers[id.Value] = number = string.Create(CultureInfo.InvariantCulture, $"<id {numbers.Count + 1}>");
            }

            return number;
        });
    }

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Uuid();
}
