using Cluster.Engine.Caching;
using Cluster.Engine.Storage;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests;

/// <summary>Proves the conformance tests on the store that is simplest to trust.</summary>
internal static class MemoryStores
{
    public static Task<StoreUnderTest> OpenAsync()
    {
        var store = new MemoryStore();
        return Task.FromResult(new StoreUnderTest(store, store, store, store, store));
    }
}

public sealed class MemoryRunLogTests : RunLogConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => MemoryStores.OpenAsync();
}

public sealed class MemoryRunRecordsTests : RunRecordsConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => MemoryStores.OpenAsync();
}

public sealed class MemorySessionStoreTests : SessionStoreConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => MemoryStores.OpenAsync();
}

public sealed class MemoryConcurrencyTests : ConcurrencyConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => MemoryStores.OpenAsync();
}

public sealed class MemorySessionCopiesTests : SessionCopiesConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => MemoryStores.OpenAsync();
}

public sealed class MemoryMemberRunsTests : MemberRunsConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => MemoryStores.OpenAsync();
}

public sealed class MemoryApprovalTests : ApprovalConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => MemoryStores.OpenAsync();
}

public sealed class MemoryResultCacheTests : ResultCacheConformance
{
    protected override Task<CacheUnderTest> OpenAsync(long capacity) => Task.FromResult(new CacheUnderTest(new MemoryResultCache(Clock, capacity)));
}

public sealed class MemoryUserMemoryTests : UserMemoryConformance
{
    protected override Task<MemoriesUnderTest> OpenAsync() => Task.FromResult(new MemoriesUnderTest(new MemoryUserMemories()));
}

public sealed class MemoryFieldTests : FieldConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => MemoryStores.OpenAsync();
}
