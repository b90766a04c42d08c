using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Benchmarks;

/// <summary>A run that an engine made, of which others are made by giving it, its session and its messages other ids.</summary>
internal sealed partial class RunTemplate
{
    private const string SessionId = "the-session-of-the-template";
    private readonly string[] _parts;
    private readonly int[] _ids;
    private readonly int _count;

    private RunTemplate(SessionRecord session, RunRecord record, RunLogRecord log)
    {
        Session = session;
        EventCount = log.Events.Length;
        var text = string.Join(
            '\0',
            record.Output.RunId,
            JsonSerializer.Serialize(record.Output, EngineJson.Context.RunOutput),
            JsonSerializer.Serialize(log.Events[..1], EngineJson.Context.ImmutableArrayRunEvent),
            JsonSerializer.Serialize(log.Events[1..], EngineJson.Context.ImmutableArrayRunEvent));
        var known = new Dictionary<string, int>(StringComparer.Ordinal) { [SessionId] = 0 };
        var matches = Ids().Matches(text);
        _ids = [.. matches.Select(match => known.TryGetValue(match.Value, out var id) ? id : known[match.Value] = known.Count)];
        _parts = Ids().Split(text);
        _count = known.Count;
    }

    /// <summary>Gets the session of the run.</summary>
    public SessionRecord Session { get; }

    /// <summary>Gets how many events the run has.</summary>
    public int EventCount { get; }

    public static async Task<RunTemplate> MakeAsync(string agentId, CancellationToken cancellationToken)
    {
        await using var harness = await Harness.StartWithAsync("memory:", Harness.NewAgent(agentId, withTool: false));
        var runId = await harness.RunAsync(SessionId, cancellationToken);
        var services = harness.Services;
        return new RunTemplate(
            (await services.GetRequiredService<ISessionStore>().FindAsync(SessionId, cancellationToken))!,
            (await services.GetRequiredService<IRunRecords>().FindAsync(runId, cancellationToken))!,
            (await services.GetRequiredService<IRunLog>().ReadAsync(runId, cancellationToken))!);
    }

    /// <summary>Makes another run.</summary>
    public MadeRun NewRun(string sessionId)
    {
        var ids = new string[_count];
        ids[0] = sessionId;
        for (var id = 1; id < _count; id++)
        {
            ids[id] = Guid.CreateVersion7().ToString();
        }

        var pieces = new string[_parts.Length + _ids.Length];
        for (var part = 0; part < _parts.Length; part++)
        {
            pieces[2 * part] = _parts[part];
            if (part < _ids.Length)
            {
                pieces[(2 * part) + 1] = ids[_ids[part]];
            }
        }

        var texts = string.Concat(pieces).Split('\0');
        return new MadeRun(texts[0], sessionId, texts[1], texts[2], texts[3]);
    }

    [GeneratedRegex($"[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}}|{SessionId}")]
    private static partial Regex Ids();
}

/// <summary>A run as stores keep it.</summary>
/// <param name="RunId">Its id.</param>
/// <param name="SessionId">Its session.</param>
/// <param name="Output">Its record, in JSON.</param>
/// <param name="First">Its first event, in JSON.</param>
/// <param name="Others">Its other events, in JSON.</param>
internal sealed record MadeRun(string RunId, string SessionId, string Output, string First, string Others)
{
    public RunCopy ToCopy() => new(
        JsonSerializer.Deserialize(Output, EngineJson.Context.RunOutput)!,
        1,
        [.. ToEvents(First), .. ToEvents(Others)]);

    private static ImmutableArray<RunEvent> ToEvents(string json) => JsonSerializer.Deserialize(json, EngineJson.Context.ImmutableArrayRunEvent);
}
