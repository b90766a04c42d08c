using System.Text;
using Cluster.Engine.Errors;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;

namespace Cluster.Engine.Limits;

/// <summary>Which ids there can be. Every store demands the same of them, so that nobody depends on which one it is.</summary>
public static class Ids
{
    /// <summary>Refuses an id that not every store can hold.</summary>
    /// <param name="id">The id; null for none.</param>
    /// <param name="name">What it is, for the message.</param>
    /// <returns>The id.</returns>
    /// <exception cref="InvalidRequestException">It holds a NUL or half a character, or is longer than <see cref="FieldLimits.IdBytes"/>.</exception>
    public static string? Demand(string? id, string name) => Demand(id, name, FieldLimits.IdBytes);

    /// <summary>Refuses a session's id that not every store can hold.</summary>
    /// <param name="id">The id.</param>
    /// <returns>The id.</returns>
    /// <exception cref="InvalidRequestException">It holds a NUL or half a character, or is longer than <see cref="FieldLimits.SessionIdBytes"/>.</exception>
    public static string DemandSession(string id) => Demand(id, "session id", FieldLimits.SessionIdBytes)!;

    /// <summary>Refuses a new run whose ids not every store can hold.</summary>
    /// <param name="acceptance">The run.</param>
    /// <exception cref="InvalidRequestException">An id does not fit.</exception>
    public static void Demand(RunAcceptance acceptance)
    {
        ArgumentNullException.ThrowIfNull(acceptance);
        var request = acceptance.Event.Request;
        Demand(request.RunId, "run id");
        Demand(request.AgentId, "agent id");
        Demand(request.UserId, "user id");
        Demand(request.IdempotencyKey, "idempotency key");
        Demand(request.ParentRunId, "parent run id");
        Demand(acceptance.Session);
    }

    /// <summary>Refuses a session whose ids not every store can hold.</summary>
    /// <param name="session">The session.</param>
    /// <exception cref="InvalidRequestException">An id does not fit.</exception>
    public static void Demand(SessionRecord session)
    {
        ArgumentNullException.ThrowIfNull(session);
        DemandSession(session.SessionId);
        Demand(session.ComponentId, "component id");
        Demand(session.UserId, "user id");
    }

    private static string? Demand(string? id, string name, int maxBytes)
    {
        if (id is not null && (id.Contains('\0', StringComparison.Ordinal) || !ReferenceEquals(WellFormedText.Of(id), id)))
        {
            throw new InvalidRequestException($"The {name} holds a NUL or an unpaired surrogate. Use other characters.");
        }

        if (id is not null && id.Length > maxBytes / 3 && Encoding.UTF8.GetByteCount(id) > maxBytes)
        {
            throw new InvalidRequestException($"The {name} is longer than {maxBytes} bytes. Use a shorter one.");
        }

        return id;
    }
}
