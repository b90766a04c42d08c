using Cluster.Engine.Memory;
using Cluster.Storage.Embedded;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Embedded;

public sealed class EmbeddedUserMemoryTests : UserMemoryConformance
{
    protected override Task<MemoriesUnderTest> OpenAsync()
    {
        var directory = new TestDirectory();
        var store = directory.Open();
        return Task.FromResult(new MemoriesUnderTest(new EmbeddedUserMemories(store), async () =>
        {
            await store.DisposeAsync();
            directory.Dispose();
        }));
    }
}

public sealed class MemoryJournalTests
{
    private static readonly MemoryScope Ann = MemoryScope.Of("ann");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Memories_are_there_again_after_a_restart()
    {
        using var directory = new TestDirectory();
        string before;
        await using (var store = directory.Open())
        {
            await FillAsync(store);
            before = await ReadAsync(store);
        }

        await using var reopened = directory.Open();

        Assert.Equal(before, await ReadAsync(reopened));
        Assert.Equal("again", (await new EmbeddedUserMemories(reopened).AddAsync(Samples.Memory("m2"), Stop))!.Memory);
    }

    [Fact]
    public async Task A_file_cut_off_at_any_byte_holds_exactly_the_memories_that_were_acknowledged_by_then()
    {
        using var directory = new TestDirectory();
        var acknowledged = new List<(long Length, string Contents)>();
        await using (var store = directory.Open())
        {
            acknowledged.Add((directory.TotalBytes, await ReadAsync(store)));
            foreach (var write in Writes(store))
            {
                await write();
                acknowledged.Add((directory.TotalBytes, await ReadAsync(store)));
            }
        }

        var bytes = await File.ReadAllBytesAsync(Assert.Single(directory.Files), Stop);
        for (var cut = acknowledged[0].Length; cut <= bytes.Length; cut++)
        {
            using var crashed = new TestDirectory();
            await File.WriteAllBytesAsync(Path.Combine(crashed.Path, Path.GetFileName(directory.Files[0])), bytes[..(int)cut], Stop);

            await using var store = crashed.Open();

            Assert.True(acknowledged.Last(state => state.Length <= cut).Contents == await ReadAsync(store), $"cut at {cut}");
        }
    }

    [Fact]
    public async Task Compaction_keeps_memories_in_their_order_and_forgets_the_deleted_ones()
    {
        using var directory = new TestDirectory();
        string before;
        await using (var store = EmbeddedStore.Open(new EmbeddedStorageOptions { Directory = directory.Path, SegmentBytes = 16 * 1024, CompactionBytes = 64 * 1024 }))
        {
            await FillAsync(store);
            before = await ReadAsync(store);
            var memories = new EmbeddedUserMemories(store);
            for (var i = 0; i < 60; i++)
            {
                await memories.AddAsync(Samples.Memory($"gone{i}") with { Memory = new string('x', 2_000) }, Stop);
                await memories.UpdateAsync(Ann, $"gone{i}", new UserMemoryPatch { Memory = new string('y', 2_000), UpdatedAt = 1 }, Stop);
                await memories.DeleteAsync(Ann, [$"gone{i}"], Stop);
            }

            await store.WhenCompactedAsync();
            Assert.Equal(before, await ReadAsync(store));
        }

        Assert.True(directory.TotalBytes < 160_000, $"{directory.TotalBytes} bytes: nothing was compacted.");
        await using var reopened = directory.Open();
        Assert.Equal(before, await ReadAsync(reopened));
    }

    private static async Task FillAsync(EmbeddedStore store)
    {
        foreach (var write in Writes(store))
        {
            await write();
        }
    }

    private static Func<Task>[] Writes(EmbeddedStore store) => Writes(new EmbeddedUserMemories(store));

    private static Func<Task>[] Writes(EmbeddedUserMemories memories) =>
    [
        () => memories.AddAsync(Samples.Memory("m1"), Stop),
        () => memories.AddAsync(Samples.Memory("m2"), Stop),
        () => memories.AddAsync(Samples.Memory("m3", "bob"), Stop),
        () => memories.UpdateAsync(Ann, "m2", new UserMemoryPatch { Memory = "again", Topics = [], UpdatedAt = 1_000 }, Stop),
        () => memories.DeleteAsync(Ann, ["m1"], Stop),
        () => memories.AddAsync(Samples.Memory("m1"), Stop),
        () => memories.UpdateAsync(MemoryScope.Everyone, "m3", new UserMemoryPatch { Feedback = "fine", UpdatedAt = 1_000 }, Stop),
    ];

    /// <summary>In the order in which they were added, as all have changed at the same time.</summary>
    private static async Task<string> ReadAsync(EmbeddedStore store) => string.Join(
        '\n', (await new EmbeddedUserMemories(store).ListAsync(new UserMemoryQuery(MemoryScope.Everyone) { Limit = 100, Descending = false }, Stop)).Memories.Select(Samples.ToJson));
}
