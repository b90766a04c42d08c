namespace Cluster.Api.Tests;

/// <summary>Reads an answer frame by frame while it is written.</summary>
internal sealed class LiveStream : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private LiveStream(HttpResponseMessage response, Stream body)
    {
        _response = response;
        _reader = new StreamReader(body);
    }

    public static async Task<LiveStream> PostAsync(TestApi api, string path, params (string Key, string Value)[] form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = TestApi.Form(form) };
        var response = await api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestApi.Stop);
        Assert.Equal("text/event-stream; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        return new LiveStream(response, await response.Content.ReadAsStreamAsync(TestApi.Stop));
    }

    /// <summary>Reads the next frame without its last empty line; null at the end.</summary>
    public async Task<string?> NextAsync()
    {
        var lines = new List<string>();
        while (await _reader.ReadLineAsync(TestApi.Stop) is { } line)
        {
            if (line.Length == 0)
            {
                return string.Join('\n', lines);
            }

            lines.Add(line);
        }

        return null;
    }

    public async Task<string> UntilAsync(string text)
    {
        while (await NextAsync() is { } frame)
        {
            if (frame.Contains(text, StringComparison.Ordinal))
            {
                return frame;
            }
        }

        throw new InvalidOperationException($"The stream ended without '{text}'.");
    }

    public async Task<IReadOnlyList<string>> RestAsync()
    {
        var frames = new List<string>();
        while (await NextAsync() is { } frame)
        {
            frames.Add(frame);
        }

        return frames;
    }

    public static string RunIdOf(string frame) => System.Text.Json.JsonElement.Parse(frame.Split('\n')[1][6..]).GetProperty("run_id").GetString()!;

    public void Dispose()
    {
        _reader.Dispose();
        _response.Dispose();
    }
}
