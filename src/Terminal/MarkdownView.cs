using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Spectre.Console;
using Spectre.Console.Rendering;
using SpectreTable = Spectre.Console.Table;
using TableRow = Markdig.Extensions.Tables.TableRow;

namespace Cluster.Terminal;

/// <summary>Shows Markdown in a terminal. What it does not know it shows as it is written.</summary>
internal static class MarkdownView
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseAutoLinks().Build();

    /// <summary>Makes something to show of a text, also of one that is still being written.</summary>
    public static IRenderable Render(string text) => new Rows(Markdown.Parse(text, Pipeline).SelectMany(block => Blocks(block)));

    private static IEnumerable<IRenderable> Blocks(Block block) => block switch
    {
        HeadingBlock heading => [new Markup($"[bold underline]{Inlines(heading.Inline)}[/]"), Text.Empty],
        ParagraphBlock paragraph => [new Markup(Inlines(paragraph.Inline)), Text.Empty],
        CodeBlock code => [Code(code), Text.Empty],
        QuoteBlock quote => [new Padder(new Rows(quote.SelectMany(Blocks)), new Padding(2, 0, 0, 0))],
        ListBlock list => [.. Items(list), Text.Empty],
        ThematicBreakBlock => [new Rule()],
        Markdig.Extensions.Tables.Table table => [Table(table), Text.Empty],
        LeafBlock leaf => [new Text(leaf.Lines.ToString())],
        ContainerBlock container => container.SelectMany(Blocks),
        _ => [],
    };

    private static Panel Code(CodeBlock code) => new Panel(new Text(code.Lines.ToString().TrimEnd()))
    {
        Border = BoxBorder.Rounded,
        BorderStyle = Style.Parse("grey"),
        Header = code is FencedCodeBlock { Info: { Length: > 0 } language } ? new PanelHeader(Markup.Escape(language)) : null,
    };

    private static IEnumerable<IRenderable> Items(ListBlock list)
    {
        var number = int.TryParse(list.OrderedStart, out var start) ? start : 1;
        foreach (var item in list.OfType<ListItemBlock>())
        {
            var mark = list.IsOrdered ? $"{number++}." : "•";
            var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadLeft(2).PadRight(1)).AddColumn(new GridColumn().PadRight(0));
            grid.AddRow(new Text(mark), new Rows(item.SelectMany(Blocks).Where(part => !ReferenceEquals(part, Text.Empty))));
            yield return grid;
        }
    }

    private static SpectreTable Table(Markdig.Extensions.Tables.Table source)
    {
        var table = new SpectreTable { Border = TableBorder.Rounded };
        var rows = source.OfType<TableRow>().ToArray();
        var width = rows.Length == 0 ? 0 : rows.Max(row => row.Count);
        for (var column = 0; column < width; column++)
        {
            table.AddColumn(new TableColumn(Cell(rows[0], column)));
        }

        foreach (var row in rows.Skip(1))
        {
            table.AddRow(Enumerable.Range(0, width).Select(column => Cell(row, column)));
        }

        return table;
    }

    private static IRenderable Cell(TableRow row, int column) => column >= row.Count || row[column] is not TableCell cell
        ? Text.Empty
        : new Rows(cell.SelectMany(Blocks).Where(part => !ReferenceEquals(part, Text.Empty)));

    private static string Inlines(ContainerInline? inline) => inline is null ? string.Empty : string.Concat(inline.Select(One));

    private static string One(Inline inline) => inline switch
    {
        LiteralInline literal => Markup.Escape(literal.Content.ToString()),
        CodeInline code => $"[aqua]{Markup.Escape(code.Content)}[/]",
        EmphasisInline { DelimiterCount: >= 2 } strong => $"[bold]{Inlines(strong)}[/]",
        EmphasisInline emphasis => $"[italic]{Inlines(emphasis)}[/]",
        LineBreakInline => "\n",
        LinkInline link => $"{Inlines(link)} [grey]({Markup.Escape(link.Url ?? string.Empty)})[/]",
        AutolinkInline link => $"[blue]{Markup.Escape(link.Url)}[/]",
        HtmlEntityInline entity => Markup.Escape(entity.Transcoded.ToString()),
        HtmlInline html => Markup.Escape(html.Tag),
        ContainerInline container => Inlines(container),
        _ => Markup.Escape(inline.ToString() ?? string.Empty),
    };
}
