using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace Cluster.Providers.Toolkits.WebPages;

/// <summary>Turns the HTML of a page into markdown: its title, and what is in its main part.</summary>
internal static partial class HtmlPage
{
    /// <summary>Where HTML says its character set when the server does not: within the first bytes.</summary>
    private const int HeadBytes = 2048;

    /// <summary>Finds the character set that a page names itself.</summary>
    /// <param name="page">The page's bytes.</param>
    /// <returns>Its name; empty for none.</returns>
    public static string FindCharSet(byte[] page) => CharSet().Match(Encoding.Latin1.GetString(page, 0, Math.Min(page.Length, HeadBytes))).Groups[1].Value;

    /// <summary>Gives the words of a piece of HTML.</summary>
    /// <param name="html">The piece.</param>
    public static string ToText(string html)
    {
        using var document = new HtmlParser().ParseDocument(HtmlSource.Trim(html));
        return MarkdownText.Collapse(document.Body?.TextContent ?? string.Empty).Trim();
    }

    /// <summary>Converts a page.</summary>
    /// <param name="html">The page.</param>
    /// <param name="url">Where it is, for relative links.</param>
    public static string ToMarkdown(string html, Uri url)
    {
        using var document = new HtmlParser().ParseDocument(HtmlSource.Trim(html));
        var place = document.Head?.Children.FirstOrDefault(element => element.LocalName == "base")?.GetAttribute("href") is { } href &&
            Uri.TryCreate(url, href, out var given) ? given : url;
        var title = document.Head?.Children.FirstOrDefault(element => element.LocalName == "title")?.TextContent;
        var content = document.Body is { } body ? new MarkdownBlocks(new MarkdownText(place)).Write(MainPart(body)) : string.Empty;
        return string.IsNullOrWhiteSpace(title) ? content : $"Title: {MarkdownText.Collapse(title).Trim()}\n\n{content}";
    }

    /// <summary>The part that the page itself calls its main one; without exactly one, all of it. It counts without recursion: pages can be nested very deeply.</summary>
    private static IElement MainPart(IElement body)
    {
        var found = new List<IElement>();
        var open = new Stack<IElement>([body]);
        while (open.TryPop(out var element))
        {
            if (element.LocalName == "main" || element.GetAttribute("role") == "main")
            {
                found.Add(element);
                continue;
            }

            foreach (var child in element.Children)
            {
                open.Push(child);
            }
        }

        return found.Count == 1 ? found[0] : body;
    }

    [GeneratedRegex("""<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)""", RegexOptions.IgnoreCase)]
    private static partial Regex CharSet();
}
