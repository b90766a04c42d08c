using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Json;

/// <summary>
/// Reads and writes events by their name. The framework's own polymorphism puts the discriminator first; AgentOS writes <c>created_at</c> before it,
/// so the name is an ordinary member here and looked up by hand.
/// </summary>
public sealed class RunEventConverter : JsonConverter<RunEvent>
{
    /// <inheritdoc/>
    public override RunEvent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var name = ReadName(reader);
        return RunEventTypes.Find(name) is { } type
            ? (RunEvent)JsonSerializer.Deserialize(ref reader, type)!
            : throw new JsonException($"The event '{name}' is unknown. The log may have been written by a newer version.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, RunEvent value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, RunEventTypes.Get(value));

    private static string? ReadName(Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isName = reader.ValueTextEquals("event"u8);
            reader.Read();
            if (isName)
            {
                return reader.GetString();
            }

            reader.Skip();
        }

        return null;
    }
}

/// <summary>The JSON metadata of every event type.</summary>
public static class RunEventTypes
{
    // Whoever adds an event adds it to the JSON context; an event that is missing there fails the first use of any.
    private static readonly Dictionary<Type, JsonTypeInfo> ByType = typeof(RunEvent).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(RunEvent)) && !type.IsAbstract)
        .ToDictionary(type => type, type => EngineJson.Context.GetTypeInfo(type) ?? throw new InvalidOperationException($"{type.Name} is not in EngineJsonContext."));

    private static readonly Dictionary<string, JsonTypeInfo> ByName = ByType.Values
        .SelectMany(info => new[] { false, true }.Select(isOfTeam => (Name: RunEventNames.Of(info.Type, isOfTeam), Info: info)))
        .DistinctBy(named => named.Name)
        .ToDictionary(named => named.Name, named => named.Info, StringComparer.Ordinal);

    /// <summary>Gets every event type.</summary>
    public static IEnumerable<Type> All => ByType.Keys;

    /// <summary>Gives the metadata that writes an event.</summary>
    /// <param name="value">The event.</param>
    /// <returns>The metadata of its own type.</returns>
    public static JsonTypeInfo Get(RunEvent value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return ByType[value.GetType()];
    }

    /// <summary>Gives the metadata that reads an event.</summary>
    /// <param name="name">The event's name.</param>
    /// <returns>The metadata; null for a name that is unknown.</returns>
    public static JsonTypeInfo? Find(string? name) => name is null ? null : ByName.GetValueOrDefault(name);
}
