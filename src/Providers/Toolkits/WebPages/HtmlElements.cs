using AngleSharp.Dom;

namespace Cluster.Providers.Toolkits.WebPages;

/// <summary>What HTML's elements mean for a reader.</summary>
internal static class HtmlElements
{
    /// <summary>Deeper nesting is left out: no author writes it, and whoever generates it wants to exhaust the stack.</summary>
    public const int DeepestNesting = 200;

    private static readonly HashSet<string> Unread = new(StringComparer.Ordinal)
    {
        "script", "style", "noscript", "template", "nav", "footer", "svg", "canvas", "iframe", "object", "embed", "audio", "video", "map", "head",
        "button", "input", "select", "textarea", "datalist", "dialog",
    };

    private static readonly HashSet<string> Blocks = new(StringComparer.Ordinal)
    {
        "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption", "figure", "form", "h1", "h2",
        "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "li", "main", "menu", "ol", "p", "pre", "search", "section", "summary", "table", "ul",
    };

    public static bool IsUnread(IElement element) =>
        Unread.Contains(element.LocalName) || element.HasAttribute("hidden") || element.GetAttribute("aria-hidden") == "true" || element.GetAttribute("role") == "navigation";

    /// <summary>Tells what begins a line of its own, or holds something that does.</summary>
    public static bool IsBlock(IElement element, int depth = 0) =>
        Blocks.Contains(element.LocalName) || (depth < DeepestNesting && element.Children.Any(child => !IsUnread(child) && IsBlock(child, depth + 1)));
}
