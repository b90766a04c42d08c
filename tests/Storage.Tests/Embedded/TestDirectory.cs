using Cluster.Storage.Embedded;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Embedded;

/// <summary>A directory of one test, removed after it.</summary>
internal sealed class TestDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("store-").FullName;

    public EmbeddedStorageOptions Options => new() { Directory = Path, SegmentBytes = 16 * 1024, CachedRecords = 4 };

    /// <summary>Gets the journal's files, oldest first.</summary>
    public string[] Files => [.. Directory.GetFiles(Path, "journal-*").Order(StringComparer.Ordinal)];

    public long TotalBytes => Files.Sum(file => new FileInfo(file).Length);

    public static Task<StoreUnderTest> OpenStoreAsync()
    {
        var directory = new TestDirectory();
        var store = directory.Open();
        return Task.FromResult(new StoreUnderTest(store, store, store, store, store, async () =>
        {
            await store.DisposeAsync();
            directory.Dispose();
        }));
    }

    public EmbeddedStore Open() => EmbeddedStore.Open(Options);

    /// <summary>Reads everything that a store on this directory shows.</summary>
    public async Task<string> ReadAsync()
    {
        await using var store = Open();
        return await Contents.ReadAsync(store);
    }

    /// <summary>Gives all files with their bytes, to see whether anything was changed.</summary>
    public Dictionary<string, string> Fingerprint() => Files.ToDictionary(file => file, file => Convert.ToHexString(File.ReadAllBytes(file)));

    /// <summary>Copies the files as they are now, open or not, as a crash would leave them.</summary>
    public TestDirectory Copy()
    {
        var copy = new TestDirectory();
        foreach (var file in Files)
        {
            File.Copy(file, System.IO.Path.Combine(copy.Path, System.IO.Path.GetFileName(file)));
        }

        return copy;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
