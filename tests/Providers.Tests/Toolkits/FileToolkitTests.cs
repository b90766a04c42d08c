using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits.Files;

namespace Cluster.Providers.Tests.Toolkits;

public sealed class FileToolkitTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly TemporaryDirectory _outside = new();

    public void Dispose()
    {
        _directory.Dispose();
        _outside.Dispose();
    }

    [Fact]
    public async Task A_file_is_written_appended_to_and_read_by_lines()
    {
        var files = Files();

        Assert.Equal("Wrote 6 bytes to notes/a.txt.", await files.CallAsync("write_file", new { path = "notes/a.txt", content = "one\nä" }));
        Assert.Equal("Added 7 bytes to notes/a.txt.", await files.CallAsync("append_file", new { path = "notes/a.txt", content = "\nthree\n" }));

        Assert.Equal("one\nä\nthree\n", await files.CallAsync("read_file", new { path = "notes/a.txt" }));
        Assert.Equal("ä\n", await files.CallAsync("read_file", new { path = "notes/a.txt", startLine = 2, endLine = 2 }));
        Assert.Equal("The file has fewer than 9 lines.", await files.CallAsync("read_file", new { path = "notes/a.txt", startLine = 9 }));
        Assert.Equal(["a.txt"], Directory.GetFileSystemEntries(Path.Combine(_directory.Path, "notes")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_long_file_is_read_on_where_it_was_cut()
    {
        _directory.Add("long.txt", "aaaa\nbbbb\ncccc\n");
        var files = Files(new FileToolkitOptions { Root = _directory.Path, MaxLetters = 10 });

        Assert.Equal("aaaa\nbbbb\n[There is more. Go on with startLine 3.]", await files.CallAsync("read_file", new { path = "long.txt" }));
        Assert.Equal("cccc\n", await files.CallAsync("read_file", new { path = "long.txt", startLine = 3 }));
    }

    [Theory]
    [InlineData("../secret.txt")]
    [InlineData("a/../../secret.txt")]
    [InlineData("/etc/passwd")]
    [InlineData("link.txt")]
    [InlineData("linked/secret.txt")]
    [InlineData("chain/secret.txt")]
    [InlineData("linked/../../secret.txt")]
    [InlineData("dangling.txt")]
    public async Task Nothing_leads_out_of_the_directory(string path)
    {
        _outside.Add("secret.txt", "secret");
        File.CreateSymbolicLink(Path.Combine(_directory.Path, "link.txt"), Path.Combine(_outside.Path, "secret.txt"));
        File.CreateSymbolicLink(Path.Combine(_directory.Path, "dangling.txt"), Path.Combine(_outside.Path, "new.txt"));
        Directory.CreateSymbolicLink(Path.Combine(_directory.Path, "linked"), _outside.Path);
        Directory.CreateSymbolicLink(Path.Combine(_directory.Path, "chain"), "linked");
        var files = Files(new FileToolkitOptions { Root = _directory.Path, AllowDelete = true });

        foreach (var (tool, arguments) in new (string, object)[]
            { ("read_file", new { path }), ("write_file", new { path, content = "x" }), ("append_file", new { path, content = "x" }), ("delete_file", new { path }) })
        {
            await Assert.ThrowsAsync<ForbiddenException>(() => files.CallAsync(tool, arguments));
        }

        Assert.Equal(("secret", false), (_outside.Read("secret.txt"), _outside.Has("new.txt")));
    }

    [Fact]
    public async Task Searches_do_not_follow_links_and_lists_name_them()
    {
        _outside.Add("secret.txt", "needle");
        _directory.Add("in.txt", "hay\n  A Needle here\n");
        Directory.CreateSymbolicLink(Path.Combine(_directory.Path, "linked"), _outside.Path);

        Assert.Equal("in.txt:2: A Needle here", await Files().CallAsync("search_files", new { text = "needle" }));
        Assert.Equal("in.txt", await Files().CallAsync("find_files", new { pattern = "**" }));
        Assert.Equal("in.txt (20 bytes)\nlinked (a link)", await Files().CallAsync("list_files"));
        await Assert.ThrowsAsync<ForbiddenException>(() => Files().CallAsync("list_files", new { path = "linked" }));
    }

    [Fact]
    public async Task A_link_that_stays_inside_is_followed()
    {
        _directory.Add("real/a.txt", "inside");
        Directory.CreateSymbolicLink(Path.Combine(_directory.Path, "short"), "real");

        Assert.Equal("inside\n", await Files().CallAsync("read_file", new { path = "short/a.txt" }));
    }

    [Theory]
    [InlineData("*.md", "docs/deep/c.md\nroot.md")]
    [InlineData("docs/*.txt", "docs/b.txt")]
    [InlineData("docs/**/*.md", "docs/deep/c.md")]
    [InlineData("docs/**", "docs/b.txt\ndocs/deep/c.md")]
    [InlineData("?oot.md", "root.md")]
    [InlineData("*.pdf", "No file fits '*.pdf'.")]
    public async Task Files_are_found_by_pattern(string pattern, string found)
    {
        _directory.Add("root.md", string.Empty);
        _directory.Add("docs/b.txt", string.Empty);
        _directory.Add("docs/deep/c.md", string.Empty);

        Assert.Equal(found, await Files().CallAsync("find_files", new { pattern }));
    }

    [Fact]
    public async Task Too_much_is_cut_or_refused()
    {
        _directory.Add("a.txt", "x\nx\nx");
        var files = Files(new FileToolkitOptions { Root = _directory.Path, MaxEntries = 2, MaxFileBytes = 8 });

        Assert.Equal("a.txt:1: x\na.txt:2: x\n[There are more than 2. Ask for something narrower.]", await files.CallAsync("search_files", new { text = "x" }));
        await Assert.ThrowsAsync<InvalidRequestException>(() => files.CallAsync("append_file", new { path = "a.txt", content = "four" }));
        await Assert.ThrowsAsync<InvalidRequestException>(() => files.CallAsync("write_file", new { path = "b.txt", content = "123456789" }));
        Assert.Equal(("x\nx\nx", false), (_directory.Read("a.txt"), _directory.Has("b.txt")));
    }

    [Fact]
    public async Task What_is_no_text_is_refused()
    {
        _directory.Add("a.bin", "a\0b");

        var refusal = await Assert.ThrowsAsync<InvalidRequestException>(() => Files().CallAsync("read_file", new { path = "a.bin" }));

        Assert.Equal("'a.bin' is no text file. Read another one.", refusal.Message);
    }

    [Fact]
    public async Task Deleting_and_writing_are_there_when_they_are_allowed()
    {
        _directory.Add("a.txt", "x");
        var all = Files(new FileToolkitOptions { Root = _directory.Path, AllowDelete = true });

        Assert.Equal("Deleted a.txt.", await all.CallAsync("delete_file", new { path = "a.txt" }));

        Assert.False(_directory.Has("a.txt"));
        Assert.Equal(
            [("list_files", ToolEffect.Pure), ("find_files", ToolEffect.Pure), ("search_files", ToolEffect.Pure), ("read_file", ToolEffect.Pure), ("write_file", ToolEffect.Once), ("append_file", ToolEffect.Once), ("delete_file", ToolEffect.Once)],
            all.Tools.Select(tool => (tool.Name, tool.Options.Effect)));
        Assert.DoesNotContain(Files().Tools, tool => tool.Name == "delete_file");
        Assert.DoesNotContain(Files(new FileToolkitOptions { Root = _directory.Path, AllowWrite = false }).Tools, tool => tool.Name is "write_file" or "append_file");
    }

    private Toolkit Files(FileToolkitOptions? options = null) => FileToolkit.Create(options ?? new FileToolkitOptions { Root = _directory.Path });
}
