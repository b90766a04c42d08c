using System.Net;
using System.Security.Cryptography;
using Cluster.Engine.Errors;
using Cluster.Storage.Blobs;
using Cluster.Storage.Tests.Conformance;
using Cluster.Storage.Tests.Sqlite;
using Microsoft.Extensions.Options;

namespace Cluster.Storage.Tests;

public sealed class S3MediaTests : MediaConformance
{
    /// <summary>The example of Amazon's documentation, "Signature Calculations for the Authorization Header", GET Object.</summary>
    [Fact]
    public void Requests_are_signed_as_the_documentation_shows()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("https://examplebucket.s3.amazonaws.com/test.txt"));
        request.Headers.Range = new System.Net.Http.Headers.RangeHeaderValue(0, 9);

        new S3Signature("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
            .Sign(request, S3Signature.EmptyHash, new DateTimeOffset(2013, 5, 24, 0, 0, 0, TimeSpan.Zero));

        Assert.EndsWith(
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41", Assert.Single(request.Headers.GetValues("Authorization")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_and_a_server_that_is_away_make_the_store_unavailable()
    {
        await using var server = new S3Server();
        var wrong = S3Blobs.Create(server.Options, _ => "wrong", TimeProvider.System);
        var options = new S3Options { Endpoint = new Uri("http://127.0.0.1:1"), Bucket = "bucket" };
        var away = S3Blobs.Create(options, _ => "k", TimeProvider.System);

        var refused = await Assert.ThrowsAsync<UnavailableException>(() => wrong.WriteAsync("t", "ab/cd", Upload(), Stop));
        var lost = await Assert.ThrowsAsync<UnavailableException>(() => away.WriteAsync("t", "ab/cd", Upload(), Stop));

        Assert.Contains("answers 403", refused.Message, StringComparison.Ordinal);
        Assert.Contains("does not answer", lost.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidRequestException>(() => S3Blobs.Create(options, _ => null, TimeProvider.System));
    }

    protected override Task<MediaUnderTest> OpenAsync()
    {
        var directory = new TestDirectory();
        var store = directory.Open();
        var server = new S3Server();
        var clock = new TestClock();
        var blobs = S3Blobs.Create(server.Options, S3Server.KeyOf, TimeProvider.System);
        return Task.FromResult(new MediaUnderTest(
            new StoreUnderTest(store.Runs, store.Runs, store.Runs, store.Runs, store.Approvals, async () =>
            {
                store.Dispose();
                directory.Dispose();
                await server.DisposeAsync();
            }),
            new MediaStore(new SqliteMediaIndex(store.Database), blobs, clock, Options.Create(new MediaOptions())),
            clock));
    }

    private static MediaUpload Upload() => new(new MemoryStream([1]), 1, Convert.ToHexStringLower(SHA256.HashData([1])));
}

/// <summary>A bucket on the loopback network that takes nothing whose signature or hash is wrong.</summary>
internal sealed class S3Server : IAsyncDisposable
{
    private static int _port = 24_600 + (Environment.ProcessId % 300);

    private readonly HttpListener _listener = new();
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, byte[]> _objects = new(StringComparer.Ordinal);
    private readonly Task _serving;

    public S3Server()
    {
        var address = $"http://127.0.0.1:{Interlocked.Increment(ref _port)}/";
        _listener.Prefixes.Add(address);
        _listener.Start();
        Options = new S3Options { Endpoint = new Uri(address), Bucket = "bucket", Prefix = "media/", AccessKeyFrom = "ID", SecretKeyFrom = "SECRET" };
        _serving = ServeAsync();
    }

    public S3Options Options { get; }

    public static string KeyOf(string name) => name == "ID" ? "the-id" : "the-secret";

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Close();
    }

    private async Task ServeAsync()
    {
        var answers = new List<Task>();
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                answers.Add(AnswerAsync(context));
            }
            catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException)
            {
                break;
            }
        }

        await Task.WhenAll(answers);
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var (request, response) = (context.Request, context.Response);
        using var body = new MemoryStream();
        await request.InputStream.CopyToAsync(body);
        var bytes = body.ToArray();
        response.StatusCode = !IsSigned(request) || request.Headers["x-amz-content-sha256"] != Convert.ToHexStringLower(SHA256.HashData(bytes)) ? 403 : 200;
        var name = request.Url!.AbsolutePath;
        if (response.StatusCode == 200)
        {
            switch (request.HttpMethod)
            {
                case "PUT":
                    _objects[name] = bytes;
                    break;
                case "DELETE":
                    response.StatusCode = _objects.TryRemove(name, out _) ? 204 : 404;
                    break;
                default:
                    await SendAsync(response, request.Headers["Range"]!, name);
                    break;
            }
        }

        response.Close();
    }

    private async Task SendAsync(HttpListenerResponse response, string range, string name)
    {
        if (!_objects.TryGetValue(name, out var all))
        {
            response.StatusCode = 404;
            return;
        }

        var ends = range["bytes=".Length..].Split('-').Select(int.Parse).ToArray();
        response.StatusCode = 206;
        await response.OutputStream.WriteAsync(all.AsMemory(ends[0], ends[1] - ends[0] + 1));
    }

    /// <summary>Signs what arrived once more: whoever has the key comes to the same.</summary>
    private static bool IsSigned(HttpListenerRequest request)
    {
        using var again = new HttpRequestMessage(new HttpMethod(request.HttpMethod), request.Url);
        if (request.Headers["Range"] is { } range)
        {
            again.Headers.TryAddWithoutValidation("Range", range);
        }

        var time = DateTimeOffset.ParseExact(request.Headers["x-amz-date"]!, "yyyyMMdd'T'HHmmss'Z'", null, System.Globalization.DateTimeStyles.AssumeUniversal);
        new S3Signature(KeyOf("ID"), KeyOf("SECRET"), "us-east-1").Sign(again, request.Headers["x-amz-content-sha256"]!, time);
        return again.Headers.GetValues("Authorization").Single() == request.Headers["Authorization"];
    }
}
