using System.Diagnostics;
using System.Net.Sockets;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits.Csv;
using Cluster.Providers.Toolkits.Files;

namespace Cluster.Providers.Tests.Toolkits;

/// <summary>What has a name like a file and is none.</summary>
public sealed class SpecialFileTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private readonly TemporaryDirectory _directory = new();
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public SpecialFileTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Pipes in directories are a matter of Unix.");
        _directory.Add("a.txt", "found");
        _directory.Add("a.csv", "name\nfound\n");
        using var made = Process.Start("mkfifo", [Path("pipe.txt"), Path("pipe.csv")]);
        made.WaitForExit();
        _socket.Bind(new UnixDomainSocketEndPoint(Path("s")));
        File.CreateSymbolicLink(Path("link.txt"), Path("pipe.txt"));
        File.CreateSymbolicLink(Path("one"), Path("two"));
        File.CreateSymbolicLink(Path("two"), Path("one"));
    }

    public void Dispose()
    {
        _socket.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("pipe.txt")]
    [InlineData("link.txt")]
    [InlineData("s")]
    public async Task What_is_no_regular_file_is_refused_at_once(string path)
    {
        foreach (var (tool, arguments) in new (string, object)[]
        {
            ("read_file", new { path }), ("append_file", new { path, content = "x" }), ("write_file", new { path, content = "x" }), ("delete_file", new { path }),
        })
        {
            var refusal = await Assert.ThrowsAsync<InvalidRequestException>(() => Files().CallAsync(tool, arguments).WaitAsync(Soon, Stop));
            Assert.Equal($"'{path}' is no regular file but a pipe, a socket or a device. Use another file.", refusal.Message);
        }
    }

    [Fact]
    public async Task Searching_passes_over_what_is_no_regular_file()
    {
        Assert.Equal("a.csv:2: found\na.txt:1: found", await Files().CallAsync("search_files", new { text = "found" }).WaitAsync(Soon, Stop));
        Assert.Equal("a.txt", await Files().CallAsync("find_files", new { pattern = "*.txt" }).WaitAsync(Soon, Stop));
        Assert.Contains("pipe.txt (no regular file)", await Files().CallAsync("list_files").WaitAsync(Soon, Stop), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("one")]
    [InlineData("one/deeper")]
    public async Task Links_that_go_in_a_circle_are_refused(string path) =>
        await Assert.ThrowsAsync<ForbiddenException>(() => Files().CallAsync("read_file", new { path }).WaitAsync(Soon, Stop));

    [Fact]
    public async Task A_table_is_not_read_from_a_pipe()
    {
        var csv = CsvToolkit.Create(new CsvToolkitOptions { Root = _directory.Path });

        await Assert.ThrowsAsync<InvalidRequestException>(() => csv.CallAsync("list_csv_columns", new { file = "pipe.csv" }).WaitAsync(Soon, Stop));
        Assert.DoesNotContain("pipe", await csv.CallAsync("list_csv_files").WaitAsync(Soon, Stop), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("zero")]
    public async Task A_device_is_not_opened(string path) =>
        await Assert.ThrowsAsync<InvalidRequestException>(() => Files("/dev").CallAsync("read_file", new { path }).WaitAsync(Soon, Stop));

    [Fact]
    public async Task A_file_of_the_kernel_without_a_length_is_read_as_far_as_a_file_may_be_long()
    {
        Assert.StartsWith("Name:", await Files("/proc/self").CallAsync("read_file", new { path = "status" }).WaitAsync(Soon, Stop), StringComparison.Ordinal);
        var small = FileToolkit.Create(new FileToolkitOptions { Root = "/proc/self", MaxFileBytes = 5 });
        Assert.Equal("Name:\n", await small.CallAsync("read_file", new { path = "status" }).WaitAsync(Soon, Stop));
    }

    private string Path(string name) => System.IO.Path.Combine(_directory.Path, name);

    private Toolkit Files(string? root = null) => FileToolkit.Create(new FileToolkitOptions { Root = root ?? _directory.Path, AllowDelete = true });
}
