using System.ComponentModel;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits.Http;
using Cluster.Providers.Toolkits.WebPages;

namespace Cluster.Providers.Toolkits.Apis;

/// <summary>Searching the web with DuckDuckGo, through the page that it has for browsers without scripts.</summary>
public static class DuckDuckGoToolkit
{
    /// <summary>Makes the toolkit <c>duckduckgo</c>.</summary>
    /// <param name="options">How the page is asked; null for the defaults.</param>
    /// <returns>The toolkit.</returns>
    public static Toolkit Create(ApiToolkitOptions? options = null)
    {
        var settings = options ?? new ApiToolkitOptions();
        var tools = new DuckDuckGoTools(new ApiClient(
            ApiAddress.Of("DuckDuckGo", settings.BaseUrl, "https://html.duckduckgo.com"), limits: new FetchLimits { Timeout = settings.Timeout }));
        return new Toolkit { Name = "duckduckgo", Tools = [Tool.Create(tools.WebSearchAsync, new ToolOptions { Effect = ToolEffect.Pure })] };
    }

    private sealed class DuckDuckGoTools(ApiClient client)
    {
        private const int MostResults = 30;

        [Description("Searches the web and gives titles, addresses and pieces of text.")]
        public async Task<string> WebSearchAsync([Description("What to look for.")] string query, CancellationToken cancellationToken, [Description("How many results, at most 30.")] int maxResults = 5)
        {
            var html = await client.SendAsync(new ApiRequest(HttpMethod.Get, $"/html/?q={Uri.EscapeDataString(query)}"), cancellationToken);
            using var document = await new HtmlParser().ParseDocumentAsync(HtmlSource.Trim(html), cancellationToken);
            if (document.QuerySelector(".anomaly-modal, #challenge-form") is not null)
            {
                throw new UnavailableException("DuckDuckGo takes this agent for a robot and does not answer. Try again later, or use another source.") { IsForCallers = true };
            }

            var results = document.QuerySelectorAll(".result:not(.result--ad)").Select(Read).OfType<SearchResult>().Take(Math.Clamp(maxResults, 1, MostResults)).ToArray();
            return results.Length > 0 ? ToolJson.Write(results) : $"Nothing was found for '{query}'. Use other words.";
        }

        private static SearchResult? Read(IElement result) => result.QuerySelector("a.result__a") is { } link && Target(link.GetAttribute("href")) is { } url
            ? new SearchResult(MarkdownText.Collapse(link.TextContent).Trim(), url, MarkdownText.Collapse(result.QuerySelector(".result__snippet")?.TextContent ?? string.Empty).Trim())
            : null;

        /// <summary>Links lead over DuckDuckGo itself: <c>//duckduckgo.com/l/?uddg=…</c>.</summary>
        private static string? Target(string? href)
        {
            if (href is null || !Uri.TryCreate(new Uri("https://duckduckgo.com"), href, out var url) || url.Scheme is not ("http" or "https"))
            {
                return null;
            }

            var wrapped = url.Query.TrimStart('?').Split('&').FirstOrDefault(pair => pair.StartsWith("uddg=", StringComparison.Ordinal));
            return wrapped is null ? url.AbsoluteUri : Uri.UnescapeDataString(wrapped["uddg=".Length..]);
        }
    }

    private sealed record SearchResult(string Title, string Url, string Snippet);
}
