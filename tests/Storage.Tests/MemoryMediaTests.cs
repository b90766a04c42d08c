using Cluster.Engine.Contents;
using Cluster.Engine.Storage;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests;

public sealed class MemoryMediaTests : MediaConformance
{
    protected override Task<MediaUnderTest> OpenAsync()
    {
        var clock = new TestClock();
        var media = new MemoryMediaStore(clock);
        var store = new MemoryStore { Media = media };
        return Task.FromResult(new MediaUnderTest(new StoreUnderTest(store, store, store, store, store), media, clock));
    }
}
