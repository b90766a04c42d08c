using System.Buffers.Binary;
using Cluster.Engine.Errors;
using Cluster.Storage.Embedded;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Embedded;

public sealed class DamageTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_changed_byte_in_the_middle_stops_the_start_and_changes_nothing()
    {
        using var directory = new TestDirectory();
        var file = await WriteAsync(directory, sessions: 3);
        var lastFrame = new FileInfo(file).Length;
        await using (var store = directory.Open())
        {
            await store.CreateAsync(Samples.Session("last"), Stop);
        }

        var bytes = await File.ReadAllBytesAsync(file, Stop);
        for (var changed = 0; changed < lastFrame; changed++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[changed] ^= 0x5A;
            await File.WriteAllBytesAsync(file, damaged, Stop);

            var error = Assert.Throws<InvalidDataException>(directory.Open);

            Assert.StartsWith($"'{file}' ", error.Message, StringComparison.Ordinal);
            Assert.Equal(damaged, await File.ReadAllBytesAsync(file, Stop));
        }
    }

    [Fact]
    public async Task A_file_that_is_not_the_last_one_may_not_be_cut_off()
    {
        using var directory = new TestDirectory();
        await WriteAsync(directory, sessions: 200);
        var first = directory.Files[0];
        await using (var stream = File.OpenWrite(first))
        {
            stream.SetLength(stream.Length - 1);
        }

        var before = directory.Fingerprint();
        var error = Assert.Throws<InvalidDataException>(directory.Open);

        Assert.StartsWith($"'{first}' is damaged at offset ", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, directory.Fingerprint());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_missing_file_stops_the_start(int missing)
    {
        using var directory = new TestDirectory();
        await WriteAsync(directory, sessions: 400);
        Assert.True(directory.Files.Length > 2);
        File.Delete(directory.Files[missing]);

        var error = Assert.Throws<InvalidDataException>(directory.Open);

        Assert.Contains($"lacks its file number {missing + 1}.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_format_stops_the_start_and_changes_nothing()
    {
        using var directory = new TestDirectory();
        var file = await WriteAsync(directory, sessions: 1);
        var bytes = await File.ReadAllBytesAsync(file, Stop);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Segment.Version + 1);
        await File.WriteAllBytesAsync(file, [.. bytes, 1, 2, 3], Stop);
        var before = directory.Fingerprint();

        var error = Assert.Throws<InvalidDataException>(directory.Open);

        Assert.Contains("newer version", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, directory.Fingerprint());
    }

    [Fact]
    public void A_path_that_is_a_file_is_told_with_the_remedy()
    {
        using var directory = new TestDirectory();
        var path = Path.Combine(directory.Path, "file");
        File.WriteAllText(path, "mine");

        var error = Assert.Throws<UnavailableException>(() => EmbeddedStore.Open(new EmbeddedStorageOptions { Directory = path }));

        Assert.Contains($"'{path}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Storage:Embedded:Directory", error.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(path));
    }

    [Fact]
    public void A_directory_that_nobody_can_create_is_told_with_the_remedy()
    {
        Assert.SkipUnless(Directory.Exists("/proc/self"), "There is no /proc, where not even root can create a directory.");

        var error = Assert.Throws<UnavailableException>(() => EmbeddedStore.Open(new EmbeddedStorageOptions { Directory = "/proc/store" }));

        Assert.Contains("'/proc/store'", error.Message, StringComparison.Ordinal);
    }

    private static async Task<string> WriteAsync(TestDirectory directory, int sessions)
    {
        await using var store = directory.Open();
        for (var index = 0; index < sessions; index++)
        {
            await store.CreateAsync(Samples.Session($"s{index}") with { SessionName = Samples.Text }, Stop);
        }

        return directory.Files[0];
    }
}
