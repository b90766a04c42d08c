using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Cluster.Tests.Traffic;

/// <summary>Calls of a client and the reading of event streams.</summary>
internal static class EventStream
{
    /// <summary>Posts a form and waits for the head of the answer only.</summary>
    public static async Task<HttpResponseMessage> PostAsync(
        this HttpClient client, string path, IReadOnlyDictionary<string, string> headers, params (string Name, string Value)[] form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value))),
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Reads the data of all events.</summary>
    public static async IAsyncEnumerable<JsonElement> ReadEventsAsync(this HttpResponseMessage response, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                yield return JsonElement.Parse(line[6..]);
            }
        }
    }

    public static string Name(this JsonElement next) => next.GetProperty("event").GetString()!;

    public static long? Index(this JsonElement next) => next.TryGetProperty("event_index", out var index) ? index.GetInt64() : null;
}
