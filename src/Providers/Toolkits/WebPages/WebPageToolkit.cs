using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits.Http;

namespace Cluster.Providers.Toolkits.WebPages;

/// <summary>Pages of the web, turned into markdown.</summary>
public static class WebPageToolkit
{
    /// <summary>Makes the toolkit <c>web_page</c>.</summary>
    /// <param name="options">What it may do; null for the defaults.</param>
    /// <returns>The toolkit.</returns>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "It lives as long as the tools.")]
    public static Toolkit Create(WebPageToolkitOptions? options = null)
    {
        var settings = options ?? new WebPageToolkitOptions();
        var hosts = new HostRules(settings.AllowedHosts, settings.DeniedHosts);
        var tools = new WebPageTools(
            new WebFetcher(
                ToolHttp.For(settings.AllowPrivateAddresses, hosts),
                hosts,
                new FetchLimits { MaxBytes = settings.MaxBytes, Timeout = settings.Timeout }),
            settings.MaxLetters);
        return new Toolkit { Name = "web_page", Tools = [Tool.Create(tools.ReadWebPageAsync, new ToolOptions { Effect = ToolEffect.Pure })] };
    }

    private sealed class WebPageTools(WebFetcher fetcher, int maxLetters)
    {
        [Description("Reads a web page and gives its text as markdown, with absolute links.")]
        public async Task<string> ReadWebPageAsync(
            [Description("The page's address, beginning with http:// or https://.")] string url,
            CancellationToken cancellationToken,
            [Description("How many characters to leave out, to go on reading a long page.")] int offset = 0)
        {
            var request = new FetchRequest(HttpMethod.Get, fetcher.Hosts.Check(url)) { Headers = [new("Accept", "text/html,application/xhtml+xml,text/*;q=0.8,*/*;q=0.1")] };
            var answer = await fetcher.FetchAsync(request, cancellationToken);
            if (!answer.IsSuccess)
            {
                throw new UnavailableException($"The page '{url}' answers with status {answer.Status}. Check the address.") { IsForCallers = true };
            }

            var text = answer.IsText
                ? ToText(answer)
                : throw new InvalidRequestException($"The page '{url}' is '{answer.MediaType}', which is no text. Read another page.");
            return Cut(text, offset);
        }

        private static string ToText(FetchAnswer answer)
        {
            if (!answer.MediaType.Contains("html", StringComparison.OrdinalIgnoreCase))
            {
                return answer.Text();
            }

            var html = answer with { CharSet = answer.CharSet ?? HtmlPage.FindCharSet(answer.Body) };
            return HtmlPage.ToMarkdown(html.Text(), answer.Url) +
                (answer.IsTruncated ? "\n\n[The page is longer than what was read of it.]" : string.Empty);
        }

        private string Cut(string text, int offset)
        {
            if (offset < 0 || (offset > 0 && offset >= text.Length))
            {
                throw new InvalidRequestException($"The page has {text.Length} characters, so the offset {offset} is not in it. Give a smaller one.");
            }

            return BoundedRead.Shorten(text[offset..], maxLetters, $"Go on with offset {offset + maxLetters}.");
        }
    }
}
