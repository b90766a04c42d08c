using Cluster.Api.Json;
using Cluster.Api.Teams;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;

namespace Cluster.Api.Runs;

/// <summary>Shows runs in full: an agent's as it is, a team's with what its members did.</summary>
/// <param name="members">What members did.</param>
/// <param name="events">What clients saw.</param>
internal sealed class RunOutputs(MemberResponses members, StoredEvents events)
{
    /// <summary>Writes a run in the shape of its kind.</summary>
    public static Task WriteAsync(HttpResponse response, RunOutput output) => output.TeamId is null
        ? JsonAnswer.WriteAsync(response, output, EngineJson.Context.RunOutput)
        : JsonAnswer.WriteAsync(response, TeamRunOutput.Of(output), ApiJson.Context.TeamRunOutput);

    /// <summary>Gives a run that was waited for. Events are no part of it, but for those with which a team waits and goes on.</summary>
    public async Task<RunOutput> ToAnswerAsync(RunOutput output, CancellationToken cancellationToken)
    {
        var shown = WithTools(await members.AttachAsync(output, cancellationToken));
        return shown is { TeamId: not null } and ({ Status: RunStatus.Paused } or { ForkedFromRunId: not null })
            ? shown with { Events = await events.ReadForRecordAsync(shown, streamed: false, cancellationToken) }
            : shown;
    }

    /// <summary>Gives a run with the events that clients saw. Those of members are among them, and not told again with each member.</summary>
    public async Task<RunOutput> WithEventsAsync(RunOutput output, bool streamed, CancellationToken cancellationToken)
    {
        var shown = await members.AttachAsync(output, cancellationToken);
        return WithoutEvents(shown) with { Events = await events.ReadForRecordAsync(shown, streamed, cancellationToken) };
    }

    /// <summary>Leaves out lists of tools without any, as AgentOS does where it shows a run from its store.</summary>
    public static RunOutput WithoutEmptyTools(RunOutput output) => output with
    {
        Tools = output.Tools is { IsEmpty: false } tools ? tools : null,
        MemberResponses = output.MemberResponses is { } responses ? [.. responses.Select(WithoutEmptyTools)] : null,
    };

    /// <summary>A run whose model has answered has a list of tools, with or without any. Its record leaves out an empty one, and is what is left of a run whose owner has gone.</summary>
    private static RunOutput WithTools(RunOutput output) =>
        output.Tools is null && output.Messages is { } messages && messages.Any(message => message is { Role: MessageRole.Assistant, FromHistory: false })
            ? output with { Tools = [] }
            : output;

    private static RunOutput WithoutEvents(RunOutput output) => output with
    {
        Events = [],
        MemberResponses = output.MemberResponses is { } responses ? [.. responses.Select(WithoutEvents)] : null,
    };
}
