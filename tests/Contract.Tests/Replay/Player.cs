using System.Text;
using System.Text.Json;

namespace Cluster.Contract.Tests.Replay;

/// <summary>A client that asks a server with the reference components what was recorded.</summary>
/// <param name="server">The server.</param>
internal sealed class Player(ReferenceServer server) : IDisposable
{
    /// <summary>Headers that clients act upon. Dates, lengths and the server's name are not among them.</summary>
    private static readonly string[] ComparedHeaders =
    [
        "content-type", "allow", "vary", "www-authenticate", "location", "access-control-allow-origin", "access-control-allow-methods", "access-control-allow-headers",
        "access-control-allow-credentials", "access-control-expose-headers", "access-control-max-age",
    ];

    private readonly HttpClient _client = new() { BaseAddress = server.Address };

    public StepClock Clock => server.Clock;

    public IdMap Ids { get; } = new();

    public Uri Address => server.Address;

    /// <summary>Plays a whole scenario.</summary>
    /// <returns>The differences that nobody meant.</returns>
    public static async Task<IReadOnlyList<string>> PlayAsync(ReferenceServer server, string scenario, CancellationToken cancellationToken)
    {
        using var player = new Player(server);
        var surprises = new List<string>();
        foreach (var step in Scenarios.All.Single(found => found.Name == scenario).Steps)
        {
            surprises.AddRange(await player.TakeAsync(step, cancellationToken));
        }

        return surprises;
    }

    /// <summary>Sends a request that was not recorded, or whose answer does not matter.</summary>
    public async Task<string> SendAsync(string command, CancellationToken cancellationToken)
    {
        using var request = CurlCommand.Parse(command).ToRequest(Address, Ids.Translate);
        using var response = await _client.SendAsync(request, cancellationToken);
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }

    /// <summary>Starts a stream that was not recorded and leaves it after some frames.</summary>
    public async Task StreamAsync(string command, int frames, string recordedRunId, CancellationToken cancellationToken)
    {
        using var request = CurlCommand.Parse(command).ToRequest(Address, Ids.Translate);
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await ReadFramesAsync(response, new ReplayStep(command) { LeaveAfter = frames, RunId = recordedRunId }, cancellationToken);
    }

    /// <summary>Asks what was asked and says in what the answer differs.</summary>
    public async Task<IReadOnlyList<Difference>> PlayAsync(ReplayStep step, CancellationToken cancellationToken)
    {
        var recording = Recording.Load(step.Recording);
        using var request = recording.Command.ToRequest(Address, Ids.Translate);
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        var differences = CompareHeads(recording, response).ToList();
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            differences.AddRange(CompareBodies(recording, await response.Content.ReadAsStringAsync(cancellationToken)));
        }
        else
        {
            var frames = await ReadFramesAsync(response, step, cancellationToken);
            differences.AddRange(recording.IsStream ? EventFrame.Compare(EventFrame.ParseAll(recording.Body), frames, Ids) : [new Difference("body", "is a stream")]);
        }

        return differences;
    }

    public void Dispose() => _client.Dispose();

    private async Task<IEnumerable<string>> TakeAsync(ScenarioStep step, CancellationToken cancellationToken)
    {
        switch (step)
        {
            case PrepareStep prepare:
                await prepare.RunAsync(this, cancellationToken);
                return [];
            case ActStep act:
                await act.RunAsync(this, cancellationToken);
                return [];
            case ReplayStep replay:
                return ToleratedDifferences.Judge(replay.Recording, await PlayAsync(replay, cancellationToken));
            default:
                throw new NotSupportedException($"A scenario cannot take the step {step}.");
        }
    }

    private static IEnumerable<Difference> CompareHeads(Recording recording, HttpResponseMessage response)
    {
        if (recording.Status != (int)response.StatusCode)
        {
            yield return new Difference("status", $"was {recording.Status} and is {(int)response.StatusCode}");
        }

        foreach (var name in ComparedHeaders)
        {
            var before = string.Join(", ", recording.Headers[name]);
            var now = response.Headers.TryGetValues(name, out var values) || response.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : string.Empty;
            if (before != now)
            {
                yield return new Difference($"headers.{name}", $"was '{before}' and is '{now}'");
            }
        }
    }

    private IEnumerable<Difference> CompareBodies(Recording recording, string body)
    {
        if (recording.IsJson)
        {
            return JsonComparison.Compare(recording.Body, body, Ids);
        }

        return recording.Body == body ? [] : [new Difference("body", $"was '{recording.Body}' and is '{body}'")];
    }

    private async Task<IReadOnlyList<EventFrame>> ReadFramesAsync(HttpResponseMessage response, ReplayStep step, CancellationToken cancellationToken)
    {
        var frames = new List<EventFrame>();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken), Encoding.UTF8);
        while (frames.Count != step.LeaveAfter && await ReadBlockAsync(reader, cancellationToken) is { } block)
        {
            if (block.StartsWith(':'))
            {
                continue;
            }

            frames.Add(EventFrame.Parse(block));
            if (frames.Count == 1)
            {
                LearnRun(frames[0], step);
            }

            if (step.AfterFrame.TryGetValue(frames.Count, out var act))
            {
                await act(this, cancellationToken);
            }
        }

        return frames;
    }

    /// <summary>Lets the acts of a stream that is still read name its run by the recorded id. Later frames may be of members.</summary>
    private void LearnRun(EventFrame frame, ReplayStep step)
    {
        if (step.RunId is { } recorded && JsonElement.Parse(frame.Data).TryGetProperty("run_id", out var ours))
        {
            Ids.Learn(recorded, ours.GetString()!);
        }
    }

    private static async Task<string?> ReadBlockAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var block = new StringBuilder();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0)
            {
                return block.ToString();
            }

            block.Append(block.Length == 0 ? string.Empty : "\n").Append(line);
        }

        return block.Length == 0 ? null : throw new FormatException($"The stream ended within a frame: {block}");
    }
}
