using System.Text;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits.WebPages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Cluster.Providers.Tests.Toolkits;

public sealed class WebPageToolkitTests
{
    private static readonly Uri Place = new("https://example.com/docs/page.html");

    [Fact]
    public void A_page_becomes_markdown_without_what_nobody_reads()
    {
        var markdown = HtmlPage.ToMarkdown(
            """
            <!doctype html><html><head><title> The
             page </title><style>p { color: red }</style></head><body>
            <nav><a href="/">Home</a></nav><script>alert(1)</script>
            <h1>Title <em>one</em></h1>
            <p>Some <b>bold</b> and <a href="other.html">a link</a>,<br>then <code>x = `y`</code> &amp; more.</p>
            <p hidden>Secret</p><img src="/a.png" alt="A cat"><a href="#top">Up</a> <a href="javascript:go()">Go</a>
            <footer>Imprint</footer></body></html>
            """,
            Place);

        Assert.Equal(
            """
            Title: The page

            # Title *one*

            Some **bold** and [a link](https://example.com/docs/other.html),
            then `` x = `y` `` & more.

            ![A cat](https://example.com/a.png)Up Go
            """,
            markdown);
    }

    [Fact]
    public void Lists_quotations_and_definitions_keep_their_shape() =>
        AssertMarkdown(
            "<ul><li>a<ol start=3><li>x</li><li>y</li></ol></li><li><p>b</p><p>c</p></li></ul><blockquote><p>said</p><p>so</p></blockquote><hr><dl><dt>term</dt><dd>meaning</dd></dl>",
            """
            - a
              3. x
              4. y
            - b

              c

            > said
            >
            > so

            ---

            **term**

            meaning
            """);

    [Fact]
    public void Code_keeps_its_lines_and_its_language() =>
        AssertMarkdown(
            "<pre><code class='hljs language-csharp'>if (a)\n{\n    b();   \n}\n</code></pre><pre>```\nx\n```</pre>",
            """
            ```csharp
            if (a)
            {
                b();   
            }
            ```

            ````
            ```
            x
            ```
            ````
            """);

    [Fact]
    public void Tables_become_tables_and_layouts_do_not() =>
        AssertMarkdown(
            """
            <table><caption>Prices</caption><thead><tr><th>What</th><th>How much</th></tr></thead>
            <tbody><tr><td>a|b</td><td><p>1</p><p>2</p></td></tr><tr><td>only</td></tr></tbody></table>
            <table><tr><td>frame</td><td><table><tr><td>k</td><td>v</td></tr></table></td></tr></table>
            """,
            """
            Prices

            | What | How much |
            | --- | --- |
            | a\|b | 1 2 |
            | only |  |

            frame

            | k | v |
            | --- | --- |
            """);

    [Fact]
    public void The_main_part_is_enough_when_a_page_says_which_it_is() =>
        AssertMarkdown("<div>Menu</div><main><span><p>Text</p></span></main><div>Ads</div>", "Text");

    [Fact]
    public void Links_start_where_the_page_says() =>
        Assert.Equal("[a](https://cdn.example.com/x/y_%28z%29)", HtmlPage.ToMarkdown("<head><base href='//cdn.example.com/x/'></head><body><a href='y_(z)'>a</a>", Place));

    [Fact]
    public void A_page_that_is_nested_endlessly_is_read_as_far_as_sense_goes()
    {
        var nested = string.Concat(Enumerable.Repeat("<div><span>", 50_000));

        Assert.Equal("top", HtmlPage.ToMarkdown($"<p>top</p>{nested}deep", Place));
    }

    [Fact]
    public void Scripts_drawings_and_comments_may_hold_what_looks_like_text() =>
        AssertMarkdown("<p>a<!-- <p>no</p> --></p><svg><path/><text>no</text></svg><script>'<p>no</p>'</script ><STYLE>no</STYLE><p>b</p><script>no", "a\n\nb");

    [Fact]
    public async Task A_page_is_fetched_in_its_own_character_set_and_read_on_from_an_offset()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        await using var server = await ToolkitServer.StartAsync(app => app.MapGet("/", () =>
            Results.Bytes(Encoding.GetEncoding("windows-1251").GetBytes("<meta charset=windows-1251><p>Привет мир</p>"), "text/html")));
        var toolkit = WebPageToolkit.Create(new WebPageToolkitOptions { AllowPrivateAddresses = true, MaxLetters = 6 });

        Assert.Equal("Привет\n[4 more characters were left out. Go on with offset 6.]", await toolkit.CallAsync("read_web_page", new { url = server.Url }));
        Assert.Equal(" мир", await toolkit.CallAsync("read_web_page", new { url = server.Url, offset = 6 }));
        Assert.Equal(ToolEffect.Pure, toolkit.Tools[0].Options.Effect);
    }

    [Theory]
    [InlineData("/missing", "answers with status 404. Check the address.")]
    [InlineData("/image", "is 'image/png', which is no text. Read another page.")]
    public async Task What_is_no_page_is_refused_with_the_reason(string path, string reason)
    {
        await using var server = await ToolkitServer.StartAsync(app => app.MapGet("/image", () => Results.Bytes([1], "image/png")));
        var toolkit = WebPageToolkit.Create(new WebPageToolkitOptions { AllowPrivateAddresses = true });

        var refusal = await Assert.ThrowsAnyAsync<EngineException>(() => toolkit.CallAsync("read_web_page", new { url = server.Url + path }));

        Assert.Equal($"The page '{server.Url}{path}' {reason}", refusal.Message);
    }

    [Fact]
    public async Task Pages_inside_of_networks_are_not_read()
    {
        await using var server = await ToolkitServer.StartAsync();

        await Assert.ThrowsAsync<ForbiddenException>(() => WebPageToolkit.Create().CallAsync("read_web_page", new { url = server.Url }));

        Assert.Empty(server.Requests);
    }

    private static void AssertMarkdown(string html, string markdown) => Assert.Equal(markdown, HtmlPage.ToMarkdown(html, Place));
}
