using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Sessions;

/// <summary>Makes sessions that go on from others.</summary>
public interface ISessionForks
{
    /// <summary>Copies a session with its runs, so that both can go on from here.</summary>
    /// <param name="request">Which session, and for whom.</param>
    /// <param name="cancellationToken">Stops waiting; the session may have been copied.</param>
    /// <returns>The id of the new session.</returns>
    /// <exception cref="InvalidRequestException">There is no such session for this component and user.</exception>
    Task<string> ForkAsync(SessionForkRequest request, CancellationToken cancellationToken = default);
}

/// <summary>A request to copy a session.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="ComponentId">The agent or team that the session has to belong to.</param>
/// <param name="UserId">The user that the session has to belong to, if it belongs to one; its copy does. Null when nobody is named.</param>
public sealed record SessionForkRequest(string SessionId, string ComponentId, string? UserId)
{
    /// <summary>Gets what kind of component that is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public SessionType ComponentType { get; init; }
}

/// <summary>Keeps sessions that come with runs.</summary>
public interface ISessionCopies
{
    /// <summary>Creates a session with runs that have settled. All of it or nothing, durable when the task ends.</summary>
    /// <param name="copy">The session and its runs.</param>
    /// <param name="cancellationToken">Stops waiting; the session may have been created.</param>
    /// <returns>True when it was created, false when the id is taken and nothing changed.</returns>
    Task<bool> CreateAsync(SessionCopy copy, CancellationToken cancellationToken = default);
}

/// <summary>A session with its runs.</summary>
/// <param name="Session">The session.</param>
/// <param name="Runs">The runs in their order. Their ids are new.</param>
public sealed record SessionCopy(SessionRecord Session, ImmutableArray<RunCopy> Runs);

/// <summary>A run with its log.</summary>
/// <param name="Output">The run's record.</param>
/// <param name="Generation">The generation of its last owner.</param>
/// <param name="Events">The log from position 0.</param>
public sealed record RunCopy(RunOutput Output, long Generation, ImmutableArray<RunEvent> Events)
{
    /// <summary>Gets what was asked for.</summary>
    public RunRequest Request => ((RunAccepted)Events[0]).Request;
}
