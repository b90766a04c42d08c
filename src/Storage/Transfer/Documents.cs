using System.Text.Json;

namespace Cluster.Storage.Transfer;

/// <summary>Documents within lines.</summary>
internal static class Documents
{
    /// <summary>Documents may be as deep as what was said in them; nothing is called for each depth.</summary>
    public const int MaxDepth = 100_000;

    /// <summary>Makes sure that a document is one and takes up one line. Ends of lines stand only between its parts, where a space means the same.</summary>
    /// <param name="json">The document, which may be changed.</param>
    /// <param name="table">The table, for messages.</param>
    /// <param name="field">The field, for messages.</param>
    /// <returns>The document.</returns>
    /// <exception cref="InvalidDataException">It is no JSON.</exception>
    public static ReadOnlySpan<byte> ToLine(byte[] json, StoredTable table, StoredField field)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            while (reader.Read())
            {
                // Reading is what checks it.
            }
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"The {field.Name} of a row of {table.Name} is no JSON: {error.Message} See what `store check` says.", error);
        }

        json.AsSpan().Replace((byte)'\n', (byte)' ');
        json.AsSpan().Replace((byte)'\r', (byte)' ');
        return json;
    }
}
