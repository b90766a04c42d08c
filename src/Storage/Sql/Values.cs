using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cluster.Engine.Contents;
using Cluster.Engine.Errors;
using Cluster.Engine.Json;
using Cluster.Engine.Limits;

namespace Cluster.Storage.Sql;

/// <summary>Turns values into what columns hold.</summary>
internal static class Values
{
    /// <summary>Refuses an id that not every dialect's texts or indexes can hold.</summary>
    /// <param name="id">The id; null for none.</param>
    /// <param name="name">What it is, for the message.</param>
    /// <returns>The id.</returns>
    /// <exception cref="InvalidRequestException">It holds a NUL or half a character, or is longer than 600 bytes.</exception>
    public static string? Id(string? id, string name) => Ids.Demand(id, name);

    /// <summary>Refuses a session's id that not every dialect's texts or indexes can hold.</summary>
    /// <param name="id">The id.</param>
    /// <returns>The id.</returns>
    /// <exception cref="InvalidRequestException">It holds a NUL or half a character, or is longer than 2,400 bytes.</exception>
    public static string SessionId(string id) => Ids.DemandSession(id);

    /// <summary>Gives the JSON of a value.</summary>
    /// <typeparam name="TValue">The type of the value.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="type">How it is written.</param>
    /// <returns>UTF-8; null for null.</returns>
    public static byte[]? Json<TValue>(TValue? value, JsonTypeInfo<TValue> type)
        where TValue : class => value is null ? null : SplitJson.ToArray(value, type);

    /// <summary>Gives the JSON of a value, and notes to which content it refers.</summary>
    /// <typeparam name="TValue">The type of the value.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="type">How it is written.</param>
    /// <param name="uses">Gets what it refers to.</param>
    /// <returns>UTF-8; null for null.</returns>
    public static byte[]? Json<TValue>(TValue? value, JsonTypeInfo<TValue> type, List<MediaUse> uses)
        where TValue : class => value is null ? null : SplitJson.ToArray(value, type, uses);

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
}
