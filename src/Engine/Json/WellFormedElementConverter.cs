using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cluster.Engine.Json;

/// <summary>
/// Writes JSON that came from outside so that it can be read again: the framework throws on escapes of half a surrogate pair when it copies an element, and so would whoever
/// reads the record. Strings need nothing of the kind, the encoder replaces halves.
/// </summary>
internal sealed class WellFormedElementConverter : JsonConverter<JsonElement>
{
    public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => JsonElement.ParseValue(ref reader);

    public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options) => Mend(value).WriteTo(writer);

    /// <summary>Gives the element itself when all its letters are whole.</summary>
    public static JsonElement Mend(JsonElement value) =>
        value.ValueKind is JsonValueKind.Undefined || JsonMarshal.GetRawUtf8Value(value).IndexOf("\\u"u8) < 0
            ? value
            : JsonElement.Parse(WellFormedText.OfJson(value.GetRawText()));
}
