using System.ComponentModel;
using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits.Http;

namespace Cluster.Providers.Toolkits.Apis;

/// <summary>Stories and users of Hacker News.</summary>
public static class HackerNewsToolkit
{
    /// <summary>Makes the toolkit <c>hacker_news</c>.</summary>
    /// <param name="options">How the API is called; null for the defaults.</param>
    /// <returns>The toolkit.</returns>
    public static Toolkit Create(ApiToolkitOptions? options = null)
    {
        var settings = options ?? new ApiToolkitOptions();
        var tools = new HackerNewsTools(new ApiClient(
            ApiAddress.Of("Hacker News", settings.BaseUrl, "https://hacker-news.firebaseio.com"), limits: new FetchLimits { Timeout = settings.Timeout }));
        var reading = new ToolOptions { Effect = ToolEffect.Pure };
        return new Toolkit
        {
            Name = "hacker_news",
            Tools = [Tool.Create(tools.GetTopHackernewsStoriesAsync, reading), Tool.Create(tools.GetHackernewsItemAsync, reading), Tool.Create(tools.GetHackernewsUserAsync, reading)],
        };
    }

    private sealed class HackerNewsTools(ApiClient client)
    {
        private const int MostStories = 30;

        [Description("Gives the top stories of Hacker News with title, address, author, score and number of comments.")]
        public async Task<string> GetTopHackernewsStoriesAsync(CancellationToken cancellationToken, [Description("How many, at most 30.")] int numStories = 10)
        {
            var ids = (await client.GetJsonAsync("/v0/topstories.json", cancellationToken)).EnumerateArray().Take(Math.Clamp(numStories, 1, MostStories));
            var stories = await Task.WhenAll(ids.Select(id => client.GetJsonAsync($"/v0/item/{id.GetInt64()}.json", cancellationToken)));
            return ToolJson.Write(stories.Where(story => story.ValueKind == JsonValueKind.Object).Select(ApiJson.Without("kids", "type", "parts")));
        }

        [Description("Gives one story or comment of Hacker News, with the ids of the comments on it.")]
        public async Task<string> GetHackernewsItemAsync([Description("The item's id.")] long id, CancellationToken cancellationToken) =>
            ToolJson.Write(Found(await client.GetJsonAsync($"/v0/item/{id}.json", cancellationToken), $"item {id}"));

        [Description("Gives what Hacker News tells about a user.")]
        public async Task<string> GetHackernewsUserAsync([Description("The user's name.")] string username, CancellationToken cancellationToken) =>
            ToolJson.Write(ApiJson.Without("submitted")(Found(await client.GetJsonAsync($"/v0/user/{Uri.EscapeDataString(username)}.json", cancellationToken), $"user '{username}'")));

        private static JsonElement Found(JsonElement item, string name) =>
            item.ValueKind == JsonValueKind.Object ? item : throw new NotFoundException($"Hacker News has no {name}. Check the name.");
    }
}
