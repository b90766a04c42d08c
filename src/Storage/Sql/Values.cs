using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cluster.Engine.Errors;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;

namespace Cluster.Storage.Sql;

/// <summary>Turns values into what columns hold.</summary>
internal static class Values
{
    /// <summary>An entry of an index of PostgreSQL holds up to three of them, has some overhead, and room for 2,704 bytes.</summary>
    private const int MaxIdBytes = 600;

    /// <summary>A session's id stands alone in an index, or with a number, and clients make it up: it may be nearly as long as an entry.</summary>
    private const int MaxSessionIdBytes = 2_400;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Refuses an id that not every dialect's texts or indexes can hold.</summary>
    /// <param name="id">The id; null for none.</param>
    /// <param name="name">What it is, for the message.</param>
    /// <returns>The id.</returns>
    /// <exception cref="InvalidRequestException">It holds a NUL or half a character, or is longer than 600 bytes.</exception>
    public static string? Id(string? id, string name) => Id(id, name, MaxIdBytes);

    /// <summary>Refuses a session's id that not every dialect's texts or indexes can hold.</summary>
    /// <param name="id">The id.</param>
    /// <returns>The id.</returns>
    /// <exception cref="InvalidRequestException">It holds a NUL or half a character, or is longer than 2,400 bytes.</exception>
    public static string SessionId(string id) => Id(id, "session id", MaxSessionIdBytes)!;

    /// <summary>Refuses a new run whose ids not every dialect can hold.</summary>
    /// <param name="acceptance">The run.</param>
    /// <exception cref="InvalidRequestException">An id does not fit.</exception>
    public static void Check(RunAcceptance acceptance)
    {
        var request = acceptance.Event.Request;
        Id(request.RunId, "run id");
        Id(request.AgentId, "agent id");
        Id(request.UserId, "user id");
        Id(request.IdempotencyKey, "idempotency key");
        Id(request.ParentRunId, "parent run id");
        Check(acceptance.Session);
    }

    /// <summary>Refuses a session whose ids not every dialect can hold.</summary>
    /// <param name="session">The session.</param>
    /// <exception cref="InvalidRequestException">An id does not fit.</exception>
    public static void Check(SessionRecord session)
    {
        SessionId(session.SessionId);
        Id(session.ComponentId, "component id");
        Id(session.UserId, "user id");
    }

    private static string? Id(string? id, string name, int maxBytes)
    {
        if (id is not null && (id.Contains('\0', StringComparison.Ordinal) || !IsWellFormed(id)))
        {
            throw new InvalidRequestException($"The {name} holds a NUL or an unpaired surrogate. Use other characters.");
        }

        if (id is not null && Encoding.UTF8.GetByteCount(id) > maxBytes)
        {
            throw new InvalidRequestException($"The {name} is longer than {maxBytes} bytes. Use a shorter one.");
        }

        return id;
    }

    /// <summary>Gives the JSON of a value.</summary>
    /// <typeparam name="TValue">The type of the value.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="type">How it is written.</param>
    /// <returns>UTF-8; null for null.</returns>
    public static byte[]? Json<TValue>(TValue? value, JsonTypeInfo<TValue> type)
        where TValue : class => value is null ? null : JsonSerializer.SerializeToUtf8Bytes(value, type);

    /// <summary>Gives the JSON of an element.</summary>
    /// <param name="value">The element.</param>
    /// <returns>UTF-8; null for null, which a JSON null is not.</returns>
    public static byte[]? Json(JsonElement? value) => value is { } element ? JsonSerializer.SerializeToUtf8Bytes(element, EngineJson.Context.JsonElement) : null;

    /// <summary>Gives a text that people wrote as a JSON string, in which it may hold anything.</summary>
    /// <param name="value">The text.</param>
    /// <returns>UTF-8; null for null.</returns>
    public static byte[]? Text(string? value) => Json(value, EngineJson.Context.String);

    /// <summary>Gives a text as searches in any case compare it.</summary>
    /// <param name="value">The text.</param>
    /// <returns>UTF-8; null for null.</returns>
    public static byte[]? Folded(string? value) => value is null ? null : Encoding.UTF8.GetBytes(value.ToUpperInvariant());

    private static bool IsWellFormed(string text)
    {
        try
        {
            StrictUtf8.GetByteCount(text);
            return true;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }
}
