using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Api.Tests;

/// <summary>Media whose content is kept beside the log: clients see no difference, and can have the content by itself.</summary>
public sealed class StoredMediaTests
{
    private static readonly byte[] Picture = RandomNumberGenerator.GetBytes(300_001);
    private static readonly string Letter = string.Concat(Enumerable.Repeat("Dear 🦊,\n\"naïve\"\\ ", 1_000));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Clients_see_what_they_would_see_without_a_media_store(string stream)
    {
        await using var inline = await TestApi.StartAsync();
        await using var beside = await TestApi.StartAsync(services => services.AddMemoryMedia());

        foreach (var path in (string[])["/agents/echo-agent/runs", "/sessions/s-1", "/sessions/s-1/runs"])
        {
            var isRun = path.StartsWith("/agents", StringComparison.Ordinal);
            var expected = await inline.SendAsync(isRun ? HttpMethod.Post : HttpMethod.Get, path, isRun ? Form(stream) : null);
            var actual = await beside.SendAsync(isRun ? HttpMethod.Post : HttpMethod.Get, path, isRun ? Form(stream) : null);

            Assert.True(expected == actual, $"{path} differs: {Difference(expected, actual)}");
        }
    }

    [Fact]
    public async Task The_log_holds_references_and_the_model_the_content()
    {
        var model = new SpokenModel();
        model.Finish();
        await using var api = await TestApi.StartAsync(services => services.AddMemoryMedia().AddAgent(model.Agent));

        await api.SendAsync(HttpMethod.Post, "/agents/spoken/runs", Form("false"));

        Assert.InRange(await SizeOfLogAsync(api), 1, 12_000);
        Assert.Equal(Picture, Assert.Single(model.Shown[^1].Contents.OfType<DataContent>()).Data.ToArray());
        Assert.Contains(model.Shown[^1].Contents.OfType<TextContent>(), text => text.Text.EndsWith(Letter, StringComparison.Ordinal));
    }

    private static async Task<int> SizeOfLogAsync(TestApi api)
    {
        var run = JsonElement.Parse(await api.GetAsync("/sessions/s-1/runs"))[0].GetProperty("run_id").GetString()!;
        var log = await api.Services.GetRequiredService<IRunLogReader>().ReadAsync(run, Stop);
        return JsonSerializer.SerializeToUtf8Bytes(log!.Events, EngineJson.Context.ImmutableArrayRunEvent).Length;
    }

    [Fact]
    public async Task Content_is_served_by_its_hash_and_by_the_id_of_its_picture()
    {
        await using var api = await TestApi.StartAsync(services => services.AddMemoryMedia());
        await api.SendAsync(HttpMethod.Post, "/agents/echo-agent/runs", Form("false"));
        var run = JsonElement.Parse(await api.GetAsync("/sessions/s-1/runs"))[0];
        var id = run.GetProperty("input_media").GetProperty("images")[0].GetProperty("id").GetString();
        var hash = Convert.ToHexStringLower(SHA256.HashData(Picture));

        using var byId = await api.Client.GetAsync($"/sessions/s-1/media/{id}", Stop);
        using var byHash = await api.Client.GetAsync($"/sessions/s-1/media/{hash}", Stop);

        Assert.All([byId, byHash], answer => Assert.Equal(
            (HttpStatusCode.OK, "image/png", 300_001L, $"\"{hash}\"", "nosniff"),
            (answer.StatusCode, answer.Content.Headers.ContentType?.ToString(), answer.Content.Headers.ContentLength, answer.Headers.ETag?.Tag, Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")))));
        Assert.Equal($"inline; filename=\"{hash[..16]}.png\"", byId.Content.Headers.ContentDisposition?.ToString());
        Assert.Equal(Picture, await byHash.Content.ReadAsByteArrayAsync(Stop));
    }

    [Fact]
    public async Task A_part_of_the_content_can_be_asked_for_and_what_is_known_is_not_sent_again()
    {
        await using var api = await TestApi.StartAsync(services => services.AddMemoryMedia());
        await api.SendAsync(HttpMethod.Post, "/agents/echo-agent/runs", Form("false"));
        var hash = Convert.ToHexStringLower(SHA256.HashData(Picture));
        using var part = new HttpRequestMessage(HttpMethod.Get, $"/sessions/s-1/media/{hash}") { Headers = { Range = new RangeHeaderValue(300_000, null) } };
        using var known = new HttpRequestMessage(HttpMethod.Get, $"/sessions/s-1/media/{hash}") { Headers = { IfNoneMatch = { new EntityTagHeaderValue($"\"{hash}\"") } } };

        using var tail = await api.Client.SendAsync(part, Stop);
        using var nothing = await api.Client.SendAsync(known, Stop);

        Assert.Equal((HttpStatusCode.PartialContent, HttpStatusCode.NotModified), (tail.StatusCode, nothing.StatusCode));
        Assert.Equal(Picture[^1..], await tail.Content.ReadAsByteArrayAsync(Stop));
    }

    [Fact]
    public async Task Content_of_another_session_or_of_none_is_not_found()
    {
        await using var api = await TestApi.StartAsync(services => services.AddMemoryMedia());
        await api.SendAsync(HttpMethod.Post, "/agents/echo-agent/runs", Form("false"));
        await api.SendAsync(HttpMethod.Post, "/agents/echo-agent/runs", Form("false", "s-2", content: Picture[1..]));
        var hash = Convert.ToHexStringLower(SHA256.HashData(Picture));

        Assert.Equal($$"""404 {"detail":"Media with key {{hash}} not found in session s-2"}""", await api.SendRawAsync(HttpMethod.Get, $"/sessions/s-2/media/{hash}", null));
        Assert.Equal("""404 {"detail":"Media with key x not found in session s-1"}""", await api.SendRawAsync(HttpMethod.Get, "/sessions/s-1/media/x", null));
        Assert.Equal("""404 {"detail":"Session with ID s-3 not found"}""", await api.SendRawAsync(HttpMethod.Get, $"/sessions/s-3/media/{hash}", null));
    }

    [Fact]
    public async Task A_reference_in_a_request_is_no_way_to_the_content_of_others()
    {
        var model = new SpokenModel();
        model.Finish();
        await using var api = await TestApi.StartAsync(services => services.AddMemoryMedia().AddAgent(model.Agent));
        await api.SendAsync(HttpMethod.Post, "/agents/echo-agent/runs", Form("false"));
        var reference = $$"""{"sha256":"{{Convert.ToHexStringLower(SHA256.HashData(Picture))}}","bytes":300001}""";

        var asField = await api.PostAsync("/agents/echo-agent/runs", ("message", "Hi"), ("images", $$"""[{"content":{{reference}}}]"""));
        await api.RunAsync("spoken", ("message", $$"""[{"role":"user","content":"Hi","images":[{"content":{{reference}}}]}]"""));

        Assert.StartsWith("422", asField, StringComparison.Ordinal);
        Assert.DoesNotContain(model.Shown[^1].Contents, content => content is DataContent);
    }

    private static MultipartFormDataContent Form(string stream, string sessionId = "s-1", byte[]? content = null)
    {
        var picture = new ByteArrayContent(content ?? Picture) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
        var letter = new ByteArrayContent(Encoding.UTF8.GetBytes(Letter)) { Headers = { ContentType = new MediaTypeHeaderValue("text/plain") } };
        return new MultipartFormDataContent
        {
            { new StringContent("Hi"), "message" },
            { new StringContent(sessionId), "session_id" },
            { new StringContent(stream), "stream" },
            { picture, "files", "a.png" },
            { letter, "files", "a.txt" },
        };
    }

    private static string Difference(string expected, string actual)
    {
        var at = expected.Zip(actual).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"at {at} of {expected.Length}/{actual.Length}: {expected[Math.Max(0, at - 40)..Math.Min(expected.Length, at + 40)]} … {actual[Math.Max(0, at - 40)..Math.Min(actual.Length, at + 40)]}";
    }
}
