using Cluster.Storage.Embedded;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests;

public sealed class EmbeddedRunLogTests : RunLogConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => TestDirectory.OpenStoreAsync();
}

public sealed class EmbeddedRunRecordsTests : RunRecordsConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => TestDirectory.OpenStoreAsync();
}

public sealed class EmbeddedSessionStoreTests : SessionStoreConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => TestDirectory.OpenStoreAsync();
}

public sealed class EmbeddedConcurrencyTests : ConcurrencyConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => TestDirectory.OpenStoreAsync();
}

/// <summary>A directory of one test, removed after it.</summary>
internal sealed class TestDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("store-").FullName;

    public static Task<StoreUnderTest> OpenStoreAsync()
    {
        var directory = new TestDirectory();
        var store = directory.Open();
        return Task.FromResult(new StoreUnderTest(store, store, store, async () =>
        {
            await store.DisposeAsync();
            directory.Dispose();
        }));
    }

    public EmbeddedStorageOptions Options => new() { Directory = Path };

    public EmbeddedStore Open() => EmbeddedStore.Open(Options);

    /// <summary>Copies the files as they are now, open or not, as a crash would leave them.</summary>
    public TestDirectory Copy()
    {
        var copy = new TestDirectory();
        foreach (var file in Directory.EnumerateFiles(Path).Where(file => System.IO.Path.GetFileName(file) != "lock"))
        {
            File.Copy(file, System.IO.Path.Combine(copy.Path, System.IO.Path.GetFileName(file)));
        }

        return copy;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
