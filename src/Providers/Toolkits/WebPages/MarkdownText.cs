using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Dom;

namespace Cluster.Providers.Toolkits.WebPages;

/// <summary>Writes what stands within a line: words, links, emphasis, code, images.</summary>
/// <param name="place">Where relative links start.</param>
internal sealed partial class MarkdownText(Uri place)
{
    /// <summary>Makes every stretch of white space one space.</summary>
    public static string Collapse(string text) => Space().Replace(text, " ");

    /// <summary>Writes nodes, one line for each forced break.</summary>
    public string Write(IEnumerable<INode> nodes, int depth)
    {
        var text = new StringBuilder();
        Write(text, nodes, depth);
        return string.Join('\n', text.ToString().Split('\n').Select(line => line.Trim())).Trim();
    }

    /// <summary>Puts marks around code that do not occur in it.</summary>
    public static string Fence(string code, int shortest)
    {
        var longest = Backticks().Matches(code).Select(match => match.Length).DefaultIfEmpty(0).Max();
        return new string('`', Math.Max(shortest, longest + 1));
    }

    private void Write(StringBuilder text, IEnumerable<INode> nodes, int depth)
    {
        foreach (var node in depth > HtmlElements.DeepestNesting ? [] : nodes)
        {
            switch (node)
            {
                case IText words:
                    var collapsed = Collapse(words.Data);
                    text.Append(EndsInSpace(text) ? collapsed.TrimStart(' ') : collapsed);
                    break;
                case IElement element when !HtmlElements.IsUnread(element):
                    Write(text, element, depth);
                    break;
            }
        }
    }

    private void Write(StringBuilder text, IElement element, int depth)
    {
        switch (element.LocalName)
        {
            case "br":
                text.Append('\n');
                break;
            case "strong" or "b" or "em" or "i" or "cite" or "del" or "s" or "strike":
                Mark(text, element, depth);
                break;
            case "code" or "kbd" or "samp" or "tt":
                Code(text, Collapse(element.TextContent).Trim());
                break;
            case "a":
                Link(text, element, depth);
                break;
            case "img":
                Image(text, Collapse(element.GetAttribute("alt") ?? string.Empty).Trim(), element.GetAttribute("src"));
                break;
            default:
                Write(text, element.ChildNodes, depth + 1);
                break;
        }
    }

    private void Mark(StringBuilder text, IElement element, int depth)
    {
        var mark = element.LocalName switch { "strong" or "b" => "**", "em" or "i" or "cite" => "*", _ => "~~" };
        var inner = Inner(element, depth, out var before, out var after);
        text.Append(before && !EndsInSpace(text) ? " " : string.Empty);
        text.Append(inner.Length == 0 ? string.Empty : mark + inner + mark).Append(after && !EndsInSpace(text) ? " " : string.Empty);
    }

    private static void Code(StringBuilder text, string code)
    {
        if (code.Length > 0)
        {
            var pad = code[0] == '`' || code[^1] == '`' ? " " : string.Empty;
            text.Append(Fence(code, 1)).Append(pad).Append(code).Append(pad).Append(Fence(code, 1));
        }
    }

    /// <summary>An image without a description says nothing to a reader of text.</summary>
    private void Image(StringBuilder text, string alt, string? source) => text.Append(alt.Length > 0 && Target(source) is { } target ? $"![{alt}]({target})" : string.Empty);

    private void Link(StringBuilder text, IElement element, int depth)
    {
        var inner = Inner(element, depth, out var before, out var after);
        text.Append(before && !EndsInSpace(text) ? " " : string.Empty);
        text.Append(inner.Length > 0 && Target(element.GetAttribute("href")) is { } target ? $"[{inner}]({target})" : inner);
        text.Append(after && !EndsInSpace(text) ? " " : string.Empty);
    }

    /// <summary>Marks must touch their words, so spaces at the edges go outside.</summary>
    private string Inner(IElement element, int depth, out bool before, out bool after)
    {
        var inner = new StringBuilder();
        Write(inner, element.ChildNodes, depth + 1);
        (before, after) = (inner.Length > 0 && inner[0] is ' ' or '\n', inner.Length > 0 && EndsInSpace(inner));
        return Collapse(inner.ToString()).Trim();
    }

    /// <summary>A place on the same page, or something that is no page, is not worth a link.</summary>
    private string? Target(string? href) =>
        !string.IsNullOrWhiteSpace(href) && href[0] != '#' && Uri.TryCreate(place, href.Trim(), out var target) && target.Scheme is "http" or "https" or "mailto"
            ? target.AbsoluteUri.Replace("(", "%28", StringComparison.Ordinal).Replace(")", "%29", StringComparison.Ordinal)
            : null;

    private static bool EndsInSpace(StringBuilder text) => text.Length == 0 || text[^1] is ' ' or '\n';

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    [GeneratedRegex("`+")]
    private static partial Regex Backticks();
}
