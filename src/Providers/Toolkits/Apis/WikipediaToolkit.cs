using System.ComponentModel;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits.Http;
using Cluster.Providers.Toolkits.WebPages;

namespace Cluster.Providers.Toolkits.Apis;

/// <summary>Articles of Wikipedia.</summary>
public static class WikipediaToolkit
{
    /// <summary>Makes the toolkit <c>wikipedia</c>.</summary>
    /// <param name="options">How the API is called; null for the defaults, the English Wikipedia. Another language has another <see cref="ApiToolkitOptions.BaseUrl"/>, for instance <c>https://de.wikipedia.org</c>.</param>
    /// <returns>The toolkit.</returns>
    public static Toolkit Create(ApiToolkitOptions? options = null)
    {
        var settings = options ?? new ApiToolkitOptions();
        var tools = new WikipediaTools(new ApiClient(
            ApiAddress.Of("Wikipedia", settings.BaseUrl, "https://en.wikipedia.org"), limits: new FetchLimits { MaxBytes = 4 * 1024 * 1024, Timeout = settings.Timeout }));
        var reading = new ToolOptions { Effect = ToolEffect.Pure };
        return new Toolkit { Name = "wikipedia", Tools = [Tool.Create(tools.SearchWikipediaAsync, reading), Tool.Create(tools.ReadWikipediaArticleAsync, reading)] };
    }

    private sealed class WikipediaTools(ApiClient client)
    {
        private const int MostResults = 20;
        private const int LongestPiece = 30_000;

        [Description("Finds articles of Wikipedia and gives their titles with a piece of their text.")]
        public async Task<string> SearchWikipediaAsync([Description("What to look for.")] string query, CancellationToken cancellationToken, [Description("How many articles, at most 20.")] int limit = 5)
        {
            var found = await client.GetJsonAsync(
                $"/w/api.php?action=query&list=search&format=json&formatversion=2&srlimit={Math.Clamp(limit, 1, MostResults)}&srsearch={Uri.EscapeDataString(query)}", cancellationToken);
            return ToolJson.Write(found.List("query", "search").Select(article => new { Title = article.Text("title"), Snippet = HtmlPage.ToText(article.Text("snippet") ?? string.Empty) }));
        }

        [Description("Reads an article of Wikipedia as plain text.")]
        public async Task<string> ReadWikipediaArticleAsync(
            [Description("The title, as the search gives it.")] string title,
            CancellationToken cancellationToken,
            [Description("True for the introduction only.")] bool introOnly = false,
            [Description("How many characters to leave out, to go on reading a long article.")] int offset = 0)
        {
            var answer = await client.GetJsonAsync(
                $"/w/api.php?action=query&prop=extracts&explaintext=1&redirects=1&format=json&formatversion=2{(introOnly ? "&exintro=1" : string.Empty)}&titles={Uri.EscapeDataString(title)}", cancellationToken);
            var page = answer.List("query", "pages").FirstOrDefault();
            var text = page.Text("extract") ?? throw new NotFoundException($"Wikipedia has no article '{title}'. Search for one.");
            return offset >= 0 && offset <= text.Length
                ? $"# {page.Text("title")}\n\n{BoundedRead.Shorten(text[offset..], LongestPiece, $"Go on with offset {offset + LongestPiece}.")}"
                : throw new InvalidRequestException($"The article has {text.Length} characters, so the offset {offset} is not in it. Give a smaller one.");
        }
    }
}
