using Cluster.Engine.Errors;
using Cluster.Storage.Blobs;
using Cluster.Storage.Tests.Conformance;
using Microsoft.Extensions.Options;

namespace Cluster.Storage.Tests.Sqlite;

public sealed class SqliteMediaTests : MediaConformance
{
    [Fact]
    public async Task What_is_broken_off_leaves_nothing_behind()
    {
        using var directory = new TestDirectory();
        using var store = directory.Open();
        var clock = new TestClock();
        var media = NewMedia(directory, store, clock);
        await using var broken = new BrokenStream(Bytes(1_000_000));

        await Assert.ThrowsAsync<UnavailableException>(() => media.PutAsync("default", broken, Stop));
        Assert.Single(FilesOf(directory));
        clock.Pass(TimeSpan.FromHours(2));
        await media.SweepAsync(Stop);

        Assert.Empty(FilesOf(directory));
    }

    [Fact]
    public async Task Files_go_with_the_content_and_the_same_content_is_one_file()
    {
        using var directory = new TestDirectory();
        using var store = directory.Open();
        var clock = new TestClock();
        var media = NewMedia(directory, store, clock);
        await media.PutAsync("default", new MemoryStream(Bytes(5_000)), Stop);
        await media.PutAsync("default", new MemoryStream(Bytes(5_000)), Stop);

        Assert.Single(FilesOf(directory));
        clock.Pass(TimeSpan.FromHours(2));
        await media.SweepAsync(Stop);
        Assert.Empty(FilesOf(directory));
    }

    protected override Task<MediaUnderTest> OpenAsync()
    {
        var directory = new TestDirectory();
        var store = directory.Open();
        var clock = new TestClock();
        return Task.FromResult(new MediaUnderTest(
            new StoreUnderTest(store.Runs, store.Runs, store.Runs, store.Runs, store.Approvals, () =>
            {
                store.Dispose();
                directory.Dispose();
                return ValueTask.CompletedTask;
            }),
            NewMedia(directory, store, clock),
            clock));
    }

    private static MediaStore NewMedia(TestDirectory directory, OpenStore store, TestClock clock) =>
        new(new SqliteMediaIndex(store.Database), new DirectoryBlobs(Path.Combine(directory.Path, "media")), clock, Options.Create(new MediaOptions()));

    private static string[] FilesOf(TestDirectory directory) => Directory.GetFiles(Path.Combine(directory.Path, "media"), "*", SearchOption.AllDirectories);

    /// <summary>Can be read to its end once; the second time the disk fails in the middle.</summary>
    private sealed class BrokenStream(byte[] bytes) : MemoryStream(bytes)
    {
        private bool _wasRead;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _wasRead |= Position == Length;
            return ReadAsync(buffer.Span);
        }

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            destination.Write(GetBufferPart());
            throw new IOException("The disk is gone.");
        }

        private ValueTask<int> ReadAsync(Span<byte> buffer) => _wasRead && Position > 500_000 && Position < Length ? throw new IOException("The disk is gone.") : new(Read(buffer));

        private byte[] GetBufferPart() => ToArray()[..500_000];
    }
}
