using Cluster.Engine.Models;
using Microsoft.Extensions.AI;
using static Cluster.Providers.Tests.Models.ModelTestBed;

namespace Cluster.Providers.Tests.Models;

public sealed class VendorFailureTests : IAsyncLifetime
{
    private const string Word = """{"choices":[{"delta":{"content":"Hel"}}]}""";
    private const string Stop = """{"choices":[{"delta":{},"finish_reason":"stop"}]}""";
    private const string Busy = """{"error":{"message":"Rate limit reached","type":"requests"}}""";

    private static readonly TimeSpan TooLong = TimeSpan.FromSeconds(30);

    private VendorServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await VendorServer.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData(400, """{"error":{"message":"Unknown model","code":"model_not_found"}}""", "Unknown model", "model_provider_error")]
    [InlineData(401, """{"error":{"message":"Incorrect API key provided: sk-test-0123456789."}}""", "Incorrect API key provided: ***.", "model_authentication_error")]
    [InlineData(403, """{"error":"not for you"}""", "not for you", "model_authentication_error")]
    [InlineData(404, """{"object":"error","message":"no such route"}""", "no such route", "model_provider_error")]
    [InlineData(408, "slow", "slow", "model_provider_error")]
    [InlineData(422, """{"detail":"top_k is not allowed"}""", "top_k is not allowed", "model_provider_error")]
    [InlineData(301, "", "HTTP 301", "model_provider_error")]
    public async Task A_refusal_says_what_the_vendor_said_and_is_not_tried_again(int status, string body, string message, string errorType)
    {
        _server.Fail(status, body);
        await using var bed = For(_server);

        var failure = await Assert.ThrowsAsync<ModelException>(() => AskAsync(bed.Resolve("openai:m")));

        Assert.Equal((message, status, errorType), (failure.Message, failure.StatusCode, failure.ErrorType));
        Assert.Single(_server.Requests);
        Assert.DoesNotContain(Key, failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_busy_vendor_is_asked_again_after_the_pause_that_it_names()
    {
        _server.Fail(429, Busy, retryAfter: "7").Fail(503, "<html>", retryAfter: "Fri, 02 Jan 2026 03:04:15 GMT").Stream(Word, Stop);
        await using var bed = For(_server);

        var updates = await AskAsync(bed.Resolve("openai:m"));

        Assert.Equal("text Hel\nfinish stop", Show(updates));
        Assert.Equal([TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(10)], bed.Clock.Pauses);
        Assert.Equal(
            [
                "Warning: OpenAI failed a call of m with status 429; retry 1 of 2 follows in 00:00:07",
                "Warning: OpenAI failed a call of m with status 503; retry 2 of 2 follows in 00:00:10",
            ],
            bed.Log.Lines);
    }

    [Fact]
    public async Task Pauses_double_up_to_their_limit()
    {
        _server.Fail(500, "a").Fail(502, "b").Fail(529, "c").Fail(500, "d");
        await using var bed = For(_server, "openai", ("Models:openai:Retries", "3"), ("Models:openai:RetryDelay", "00:00:02"), ("Models:openai:MaxRetryDelay", "00:00:05"));

        var failure = await Assert.ThrowsAsync<ModelException>(() => AskAsync(bed.Resolve("openai:m")));

        Assert.Equal(("d", 500), (failure.Message, failure.StatusCode));
        Assert.Equal([TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(5)], bed.Clock.Pauses);
        Assert.Equal(4, _server.Requests.Count);
    }

    [Fact]
    public async Task Without_backoff_pauses_stay_the_same()
    {
        _server.Fail(500, "a").Fail(500, "b").Fail(500, "c");
        await using var bed = For(_server, "openai", ("Models:openai:ExponentialBackoff", "false"));

        await Assert.ThrowsAsync<ModelException>(() => AskAsync(bed.Resolve("openai:m")));

        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)], bed.Clock.Pauses);
    }

    [Fact]
    public async Task A_vendor_that_asks_for_more_patience_than_there_is_is_not_asked_again()
    {
        _server.Fail(429, Busy, retryAfter: "3600");
        await using var bed = For(_server);

        var failure = await Assert.ThrowsAsync<ModelException>(() => AskAsync(bed.Resolve("openai:m")));

        Assert.Equal(("Rate limit reached", 429), (failure.Message, failure.StatusCode));
        Assert.Empty(bed.Clock.Pauses);
    }

    [Fact]
    public async Task A_stream_that_breaks_after_a_word_is_not_tried_again()
    {
        var spoken = new TaskCompletionSource();
        _server.Broken(spoken.Task, Word).Stream(Word, Stop);
        await using var bed = For(_server);

        var (heard, failure) = await ListenAsync(bed.Resolve("openai:m"), spoken.SetResult);

        Assert.Equal("text Hel", Show(heard));
        Assert.StartsWith($"OpenAI ({new Uri(_server.Url).Authority}) is out of reach: ", failure.Message, StringComparison.Ordinal);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task A_stream_that_ends_without_a_reason_is_a_failure()
    {
        _server.Stream(Word);
        await using var bed = For(_server);

        var (_, failure) = await ListenAsync(bed.Resolve("openai:m"));

        Assert.Equal("OpenAI ended the stream before the answer was complete.", failure.Message);
    }

    [Fact]
    public async Task A_stream_that_breaks_before_the_first_word_is_tried_again()
    {
        _server.Broken(Task.CompletedTask).Stream(Word, Stop);
        await using var bed = For(_server);

        Assert.Equal("text Hel\nfinish stop", Show(await AskAsync(bed.Resolve("openai:m"))));
        Assert.Equal(2, _server.Requests.Count);
    }

    [Fact]
    public async Task An_error_inside_of_the_stream_is_the_vendors_error()
    {
        _server.Stream(Word, """{"error":{"message":"Upstream died","code":502}}""");
        await using var bed = For(_server, "openrouter");

        var (heard, failure) = await ListenAsync(bed.Resolve("openrouter:m"));

        Assert.Equal(("text Hel", "Upstream died", 502), (Show(heard), failure.Message, failure.StatusCode));
    }

    [Fact]
    public async Task Something_that_is_no_JSON_is_no_answer()
    {
        _server.Stream("<html>");
        await using var bed = For(_server, "groq");

        var failure = await Assert.ThrowsAsync<ModelException>(() => AskAsync(bed.Resolve("groq:m")));

        Assert.Equal("Groq sent something that is no answer.", failure.Message);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task A_vendor_that_is_not_there_is_out_of_reach()
    {
        var url = _server.Url;
        await _server.DisposeAsync();
        await using var bed = new ModelTestBed(("OLLAMA_BASE_URL", url + "/v1"));

        var failure = await Assert.ThrowsAsync<ModelException>(() => AskAsync(bed.Resolve("ollama:m")));

        Assert.StartsWith($"Ollama ({new Uri(url).Authority}) is out of reach: ", failure.Message, StringComparison.Ordinal);
        Assert.Equal((null, 2), (failure.StatusCode, bed.Clock.Pauses.Count));
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task Cancelling_stops_the_call_at_once_and_hangs_up(string vendor)
    {
        var arrived = new TaskCompletionSource();
        var left = new TaskCompletionSource();
        _server.Hang(arrived, left, vendor == "openai" ? [Word] : []);
        await using var bed = For(_server, vendor);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var model = bed.Resolve($"{vendor}:m");
        await using var updates = model.Client.GetStreamingResponseAsync("hi", cancellationToken: stop.Token).GetAsyncEnumerator(stop.Token);
        if (vendor == "openai")
        {
            Assert.True(await updates.MoveNextAsync());
        }

        var next = updates.MoveNextAsync();
        await arrived.Task.WaitAsync(TooLong, TestContext.Current.CancellationToken);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
        await left.Task.WaitAsync(TooLong, TestContext.Current.CancellationToken);
        Assert.Empty(bed.Clock.Pauses);
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task A_vendor_that_says_nothing_is_given_up(string vendor)
    {
        _server.Hang(new TaskCompletionSource(), new TaskCompletionSource());
        await using var bed = For(_server, vendor, ($"Models:{vendor}:Timeout", "00:00:00.05"), ($"Models:{vendor}:Retries", "0"));

        var failure = await Assert.ThrowsAsync<ModelException>(() => AskAsync(bed.Resolve($"{vendor}:m")));

        Assert.EndsWith(" said nothing for 00:00:00.0500000.", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<(List<ChatResponseUpdate> Heard, ModelException Failure)> ListenAsync(ChatModel model, Action? onUpdate = null)
    {
        var heard = new List<ChatResponseUpdate>();
        var failure = await Assert.ThrowsAsync<ModelException>(async () =>
        {
            await foreach (var update in model.Client.GetStreamingResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken))
            {
                heard.Add(update);
                onUpdate?.Invoke();
            }
        });
        return (heard, failure);
    }
}
