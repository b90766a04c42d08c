using AngleSharp.Dom;

namespace Cluster.Providers.Toolkits.WebPages;

/// <summary>Writes what stands in lines of its own: paragraphs, headings, lists, quotations, code, tables.</summary>
/// <param name="text">Writes the lines.</param>
internal sealed class MarkdownBlocks(MarkdownText text)
{
    /// <summary>Writes an element and all that is in it.</summary>
    public string Write(IElement element) => Join(BlocksIn(element, 0));

    private static string Join(IEnumerable<string> blocks) => string.Join("\n\n", blocks);

    /// <summary>Gives the blocks of an element; what stands between its block elements makes paragraphs.</summary>
    private IEnumerable<string> BlocksIn(IElement parent, int depth)
    {
        if (depth > HtmlElements.DeepestNesting)
        {
            yield break;
        }

        var line = new List<INode>();
        foreach (var node in parent.ChildNodes)
        {
            if (node is not IElement element || (!HtmlElements.IsUnread(element) && !HtmlElements.IsBlock(element)))
            {
                line.Add(node);
                continue;
            }

            foreach (var block in Paragraph(line, depth).Concat(HtmlElements.IsUnread(element) ? [] : Block(element, depth + 1)))
            {
                yield return block;
            }
        }

        foreach (var block in Paragraph(line, depth))
        {
            yield return block;
        }
    }

    private IEnumerable<string> Paragraph(List<INode> line, int depth)
    {
        var written = text.Write(line, depth);
        line.Clear();
        return written.Length > 0 ? [written] : [];
    }

    private IEnumerable<string> Block(IElement element, int depth) => element.LocalName switch
    {
        "h1" or "h2" or "h3" or "h4" or "h5" or "h6" => Heading(element, depth),
        "hr" => ["---"],
        "pre" => [Code(element)],
        "ul" or "ol" or "menu" => NonEmpty(List(element, depth)),
        "blockquote" => NonEmpty(Prefix(Join(BlocksIn(element, depth)), "> ", "> ")),
        "table" => Table(element, depth),
        "dt" => NonEmpty(text.Write(element.ChildNodes, depth)).Select(term => $"**{term}**"),
        _ => BlocksIn(element, depth),
    };

    private IEnumerable<string> Heading(IElement element, int depth) =>
        NonEmpty(MarkdownText.Collapse(text.Write(element.ChildNodes, depth))).Select(title => $"{new string('#', element.LocalName[1] - '0')} {title}");

    private static string Code(IElement element)
    {
        var code = element.TextContent.TrimEnd().TrimStart('\n', '\r');
        var classes = $"{element.ClassName} {element.Children.FirstOrDefault(child => child.LocalName == "code")?.ClassName}";
        var language = classes.Split(' ').FirstOrDefault(name => name.StartsWith("language-", StringComparison.Ordinal) || name.StartsWith("lang-", StringComparison.Ordinal));
        var fence = MarkdownText.Fence(code, 3);
        return $"{fence}{language?[(language.IndexOf('-', StringComparison.Ordinal) + 1)..]}\n{code}\n{fence}";
    }

    private string List(IElement list, int depth)
    {
        var number = int.TryParse(list.GetAttribute("start"), out var start) ? start : 1;
        var items = new List<string>();
        foreach (var item in list.Children.Where(child => !HtmlElements.IsUnread(child)))
        {
            var mark = list.LocalName == "ol" ? $"{number++}. " : "- ";
            var blocks = BlocksIn(item, depth).ToArray();
            if (blocks.Length > 0)
            {
                // A list inside of an item stands close to it, as in a list of short lines.
                items.Add(Prefix(string.Join(blocks.Skip(1).All(IsList) ? "\n" : "\n\n", blocks), mark, new string(' ', mark.Length)));
            }
        }

        return string.Join('\n', items);
    }

    private static bool IsList(string block) => block.StartsWith("- ", StringComparison.Ordinal) || (char.IsAsciiDigit(block[0]) && block.Contains(". ", StringComparison.Ordinal));

    private IEnumerable<string> Table(IElement table, int depth)
    {
        var rows = Rows(table).Select(row => row.Children.Where(cell => cell.LocalName is "td" or "th").ToArray()).Where(row => row.Length > 0).ToArray();

        // A table of one column, or with tables in it, arranges a page.
        if (rows.Length == 0 || rows.Max(row => row.Length) == 1 || rows.Any(row => row.Any(cell => HoldsTable(cell, 0))))
        {
            return rows.SelectMany(row => row.SelectMany(cell => BlocksIn(cell, depth)));
        }

        var columns = rows.Max(row => row.Length);
        var lines = rows.Select(row => $"| {string.Join(" | ", row.Select(cell => Cell(cell, depth)).Concat(Enumerable.Repeat(string.Empty, columns - row.Length)))} |").ToList();
        lines.Insert(1, $"|{string.Concat(Enumerable.Repeat(" --- |", columns))}");
        var caption = table.Children.FirstOrDefault(child => child.LocalName == "caption");
        return NonEmpty(caption is null ? string.Empty : text.Write(caption.ChildNodes, depth)).Append(string.Join('\n', lines));
    }

    private static IEnumerable<IElement> Rows(IElement table) =>
        table.Children.SelectMany(child => child.LocalName == "tr" ? [child] : child.LocalName is "thead" or "tbody" or "tfoot" ? child.Children.Where(row => row.LocalName == "tr") : []);

    private static bool HoldsTable(IElement element, int depth) =>
        depth < HtmlElements.DeepestNesting && element.Children.Any(child => child.LocalName == "table" || HoldsTable(child, depth + 1));

    private string Cell(IElement cell, int depth) =>
        MarkdownText.Collapse(string.Join(' ', BlocksIn(cell, depth))).Replace("|", "\\|", StringComparison.Ordinal);

    private static string Prefix(string block, string first, string next) =>
        block.Length == 0 ? block : string.Join('\n', block.Split('\n').Select((line, index) => line.Length == 0 ? next.TrimEnd() : (index == 0 ? first : next) + line));

    private static IEnumerable<string> NonEmpty(string block) => block.Length > 0 ? [block] : [];
}
