using System.Text.Json;
using Cluster.Engine.Contents;
using Cluster.Engine.Errors;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Cluster.Engine.Teams;

namespace Cluster.Engine.Tools;

/// <summary>What a tool, a computed instruction or a computed dependency may know of the run that calls it.</summary>
public sealed record RunContext
{
    /// <summary>Gets the run's id.</summary>
    public required string RunId { get; init; }

    /// <summary>Gets the session's id.</summary>
    public required string SessionId { get; init; }

    /// <summary>Gets the agent that runs.</summary>
    public required string AgentId { get; init; }

    /// <summary>Gets the team that runs, which is <see cref="AgentId"/> then; null when an agent runs, for a team or alone.</summary>
    public string? TeamId { get; init; }

    /// <summary>Gets the tenant and the user on whose behalf the agent runs: what a tool keeps or looks up belongs to them.</summary>
    public required Scope Scope { get; init; }

    /// <summary>Gets the user on whose behalf the agent runs; null when nobody is named.</summary>
    public string? UserId => Scope.UserId;

    /// <summary>Gets the tool call; null outside of tools.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>Gets the key under which a repetition of this very call can be recognised, <c>run/call</c>; null outside of tools.</summary>
    public string? IdempotencyKey => ToolCallId is null ? null : $"{RunId}/{ToolCallId}";

    /// <summary>Gets what the run works on, with pictures, sounds, videos and files; null outside of runs.</summary>
    public RunInput? Input { get; init; }

    /// <summary>Gets what reads the content of media.</summary>
    internal MediaContents Contents { get; init; } = MediaContents.Inline;

    /// <summary>Gets the session state. Tools may change it; the change is recorded with the tool's result.</summary>
    public required SessionState State { get; init; }

    /// <summary>Gets the dependencies of the run, an object.</summary>
    public JsonElement Dependencies { get; init; } = EngineJson.EmptyObject;

    /// <summary>Gets what the caller attached to the run, an object.</summary>
    public JsonElement Metadata { get; init; } = EngineJson.EmptyObject;

    /// <summary>Reads a picture, sound, video or file of the input, wherever its content is kept.</summary>
    /// <param name="media">The picture, sound, video or file.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>Its bytes; null when it has an address in place of content, or the content is gone.</returns>
    /// <exception cref="UnavailableException">The media store is away.</exception>
    public ValueTask<byte[]?> ReadMediaAsync(Media media, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(media);
        return Contents.ReadAsync(media, cancellationToken);
    }

    /// <summary>Tells clients something while a tool works, as the event <c>CustomEvent</c>. Outside of tools nobody hears it.</summary>
    /// <param name="members">The members of the event, an object.</param>
    /// <exception cref="InvalidRequestException">It is no object.</exception>
    public void Tell(JsonElement members)
    {
        if (members.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidRequestException("What a tool tells has to be a JSON object.");
        }

        var told = new CustomEvent { ToolCallId = ToolCallId };
        foreach (var member in members.EnumerateObject())
        {
            told.Members[member.Name] = member.Value.Clone();
        }

        Teller?.Invoke(told);
    }

    internal Action<RunEvent>? Teller { get; init; }

    /// <summary>Gets what hands tasks to members; null outside of teams.</summary>
    internal Delegation? Delegation { get; init; }
}
