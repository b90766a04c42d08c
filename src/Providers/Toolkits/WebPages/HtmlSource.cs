using System.Text;
using System.Text.RegularExpressions;

namespace Cluster.Providers.Toolkits.WebPages;

/// <summary>Prepares the text of a page for the parser, which takes time that grows with the square of the nesting.</summary>
internal static partial class HtmlSource
{
    /// <summary>Browsers stop at this depth too.</summary>
    private const int DeepestNesting = 512;

    /// <summary>What has no content, or ends by itself where the next one of its kind begins.</summary>
    private static readonly HashSet<string> EndByThemselves = new(StringComparer.OrdinalIgnoreCase)
    {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
        "p", "li", "dt", "dd", "option", "optgroup", "tr", "td", "th", "thead", "tbody", "tfoot", "colgroup", "rt", "rp", "html", "head", "body",
    };

    /// <summary>Takes out what is no text for readers, and everything from where the nesting is too deep.</summary>
    /// <param name="html">The page.</param>
    public static string Trim(string html)
    {
        var kept = new StringBuilder(html.Length);
        var (from, depth) = (0, 0);
        for (var tag = Tag().Match(html); tag.Success && depth <= DeepestNesting; tag = Tag().Match(html, from))
        {
            var isDropped = tag.Groups["dropped"].Success;
            var next = tag.Index + tag.Length;
            kept.Append(html, from, (isDropped ? tag.Index : next) - from);
            from = isDropped ? EndOf(html, tag) : next;
            depth += isDropped || EndByThemselves.Contains(tag.Groups["name"].Value) ? 0 : tag.Groups["end"].Length == 0 ? 1 : depth > 0 ? -1 : 0;
        }

        return depth > DeepestNesting ? kept.Append('>').ToString() : kept.Append(html, from, html.Length - from).ToString();
    }

    private static int EndOf(string html, Match tag)
    {
        var end = tag.Groups["dropped"].Value == "!--" ? "-->" : $"</{tag.Groups["dropped"].Value}";
        var found = html.IndexOf(end, tag.Index + 1, StringComparison.OrdinalIgnoreCase);
        if (found < 0)
        {
            return html.Length;
        }

        var close = html.IndexOf('>', found);
        return close < 0 ? html.Length : close + 1;
    }

    [GeneratedRegex(@"<(?:(?<dropped>!--|(?:script|style|svg|math|template|noscript)(?![\w-]))|(?<end>/?)(?<name>[a-z][^\s/>]*))", RegexOptions.IgnoreCase)]
    private static partial Regex Tag();
}
