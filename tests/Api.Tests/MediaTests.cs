using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Api.Tests;

/// <summary>Media that come as JSON in a form field.</summary>
public sealed class MediaTests
{
    [Theory]
    [InlineData("images", """{"url": "https://a.example/b"}""", "image/*")]
    [InlineData("images", """{"url": "https://a.example/b", "format": "jpg"}""", "image/jpeg")]
    [InlineData("images", """{"url": "https://a.example/b", "filename": "b.png"}""", "image/png")]
    [InlineData("images", """{"url": "https://a.example/b", "filename": "b.pdf"}""", "image/*")]
    [InlineData("images", """{"content": "AQID"}""", "image/*")]
    [InlineData("images", """{"content": "AQID", "format": "new"}""", "image/new")]
    [InlineData("audio", """{"url": "https://a.example/b"}""", "audio/*")]
    [InlineData("audio", """{"url": "https://a.example/b", "format": "mp3"}""", "audio/mpeg")]
    [InlineData("videos", """{"url": "https://a.example/b", "format": "mov"}""", "video/quicktime")]
    [InlineData("videos", """{"url": "https://a.example/b", "mime_type": "video/mp4"}""", "video/mp4")]
    [InlineData("input_files", """{"url": "https://a.example/b"}""", "application/octet-stream")]
    [InlineData("input_files", """{"url": "https://a.example/b", "format": "pdf"}""", "application/pdf")]
    public async Task A_model_is_shown_media_as_what_their_field_and_their_members_say(string field, string item, string type)
    {
        var model = new SpokenModel();
        model.Finish();
        await using var api = await TestApi.StartAsync(services => services.AddAgent(model.Agent));

        await api.RunAsync("spoken", (field, $"[{item}]"));

        var content = Assert.Single(model.Shown[^1].Contents, content => content is UriContent or DataContent);
        Assert.Equal(type, content is UriContent address ? address.MediaType : ((DataContent)content).MediaType);
    }

    [Theory]
    [InlineData("[1]", "$[0] does not fit.")]
    [InlineData("""[{"url": 1}]""", "$[0].url does not fit.")]
    [InlineData("""[{"url": "https://a.example/b"}, {"url": "b.png"}]""", "$[1].url is no address.")]
    [InlineData("""[{"url": "/etc/passwd"}]""", "$[0].url is no address.")]
    [InlineData("""[{"url": "file:///etc/passwd"}]""", "$[0].url is no address.")]
    [InlineData("""[{"url": "https://a.example/b", "mime_type": "picture"}]""", "$[0].mime_type is none.")]
    [InlineData("""[{"url": "https://a.example/b", "mime_type": ""}]""", "$[0].mime_type is none.")]
    [InlineData("""[{"url": "https://a.example/b", "format": "a b"}]""", "$[0].format is none.")]
    public async Task Media_that_no_model_can_be_shown_are_refused_by_their_place(string media, string reason)
    {
        await using var api = await TestApi.StartAsync();

        var answer = await api.PostAsync("/agents/echo-agent/runs", ("message", "Hi"), ("images", media));

        Assert.StartsWith($$"""422 {"detail":[{"type":"value_error","loc":["body","images"],"msg":"Value error, {{reason}}""", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Cluster", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("System", answer, StringComparison.Ordinal);
    }
}
