namespace Cluster.Contract.Tests.Replay;

/// <summary>One frame of an event stream.</summary>
/// <param name="Name">What its <c>event:</c> line says.</param>
/// <param name="Data">What its one <c>data:</c> line says.</param>
internal sealed record EventFrame(string Name, string Data)
{
    /// <summary>Reads frames strictly: one event line, one data line, a blank line. Only comments and <c>id:</c> lines may stand beside them.</summary>
    public static IReadOnlyList<EventFrame> ParseAll(string body)
    {
        if (body.Length > 0 && !body.EndsWith("\n\n", StringComparison.Ordinal))
        {
            throw new FormatException($"The stream does not end with a blank line: {body[^Math.Min(80, body.Length)..]}");
        }

        return [.. body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(block => !block.StartsWith(':')).Select(Parse)];
    }

    public static EventFrame Parse(string block)
    {
        var lines = block.Split('\n').Where(line => !line.StartsWith("id: ", StringComparison.Ordinal)).ToArray();
        return lines is [var name, var data] && name.StartsWith("event: ", StringComparison.Ordinal) && data.StartsWith("data: ", StringComparison.Ordinal)
            ? new EventFrame(name["event: ".Length..], data["data: ".Length..])
            : throw new FormatException($"Not a frame of an event line and a data line: {block}");
    }

    public static IReadOnlyList<Difference> Compare(IReadOnlyList<EventFrame> recorded, IReadOnlyList<EventFrame> ours, IdMap ids)
    {
        (recorded, ours) = (Sort(recorded), Sort(ours));
        var before = recorded.Select(frame => frame.Name).ToArray();
        var now = ours.Select(frame => frame.Name).ToArray();
        return before.SequenceEqual(now)
            ? [.. recorded.Zip(ours).SelectMany(pair => JsonComparison.Compare(pair.First.Data, pair.Second.Data, ids, pair.First.Name))]
            : [new Difference("frames", $"were {string.Join(", ", before)} and are {string.Join(", ", now)}")];
    }

    private static IReadOnlyList<EventFrame> Sort(IReadOnlyList<EventFrame> frames) => MemberOrder.Sort(frames, frame => frame.Data, (frame, data) => frame with { Data = data });
}
