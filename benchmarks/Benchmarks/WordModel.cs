using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Cluster.Benchmarks;

/// <summary>
/// A model behind OpenAI's protocol on loopback that says one word after the other. Each word is the time at which it was said, so whoever hears it knows how
/// long it travelled.
/// </summary>
internal sealed class WordModel : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TimeSpan _pause;
    private readonly int _words;
    private readonly string _word;
    private readonly bool _staysSilent;

    private WordModel(WebApplication app, TimeSpan pause, int words, string word, bool staysSilent)
    {
        (_app, _pause, _words, _word, _staysSilent) = (app, pause, words, word, staysSilent);
        app.MapPost("/v1/chat/completions", SpeakAsync);
    }

    /// <summary>Starts the model.</summary>
    /// <param name="port">Where it listens.</param>
    /// <param name="pause">What it waits before each word.</param>
    /// <param name="words">How many words it says.</param>
    /// <param name="word">What it says after the time, in each word.</param>
    /// <param name="staysSilent">Whether it goes on after the last word without saying anything, until nobody listens.</param>
    public static async Task<WordModel> StartAsync(int port, TimeSpan pause, int words, string word = "", bool staysSilent = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var model = new WordModel(builder.Build(), pause, words, word, staysSilent);
        await model._app.StartAsync();
        return model;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task SpeakAsync(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        for (var word = 0; word < _words; word++)
        {
            await (_pause > TimeSpan.Zero ? Task.Delay(_pause, http.RequestAborted) : Task.CompletedTask);
            await SayAsync(http, string.Create(CultureInfo.InvariantCulture, $$"""{"content":"{{Stopwatch.GetTimestamp()}} {{_word}}"}"""), "null");
        }

        await (_staysSilent ? Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted) : Task.CompletedTask);

        await SayAsync(http, "{}", "\"stop\"");
        await http.Response.WriteAsync("data: [DONE]\n\n", http.RequestAborted);
    }

    private static async Task SayAsync(HttpContext http, string delta, string finishReason)
    {
        await http.Response.WriteAsync(
            $$"""data: {"id":"words","object":"chat.completion.chunk","created":1,"model":"words","choices":[{"index":0,"delta":{{delta}},"finish_reason":{{finishReason}}}]}""" + "\n\n",
            http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }
}
