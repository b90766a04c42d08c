using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Cluster.Standalone.Tests;

/// <summary>Reads the events of a stream, as a client does.</summary>
public static class SseReader
{
    public static async Task<HttpResponseMessage> PostAsync(this HttpClient client, string path, params (string Name, string Value)[] form)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value))),
        };
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    public static async Task<JsonElement> PostForJsonAsync(this HttpClient client, string path, params (string Name, string Value)[] form)
    {
        using var response = await client.PostAsync(path, form);
        return JsonElement.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public static async Task<JsonElement> GetJsonAsync(this HttpClient client, string path) =>
        JsonElement.Parse(await client.GetStringAsync(path, TestContext.Current.CancellationToken));

    public static async IAsyncEnumerable<JsonElement> ReadEventsAsync(
        this HttpResponseMessage response, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var reader = new StreamReader(await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(cancellationToken));
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
