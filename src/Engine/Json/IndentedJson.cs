using System.Text;
using System.Text.Json;

namespace Cluster.Engine.Json;

/// <summary>JSON for prompts, which people and models read.</summary>
public static class IndentedJson
{
    /// <summary>Writes a value over several lines.</summary>
    /// <param name="value">The value.</param>
    /// <returns>The text.</returns>
    public static string ToText(JsonElement value)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = RelaxedJsonEncoder.Instance }))
        {
            WellFormedElementConverter.Mend(value).WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
