using Cluster.Engine.Memory;
using Cluster.Storage.Sqlite;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Sqlite;

public sealed class ReopenedMemoryTests
{
    private static readonly MemoryScope Ann = MemoryScope.Of("ann");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Memories_are_there_again_after_a_restart()
    {
        using var directory = new TestDirectory();
        string before;
        using (var store = directory.Open())
        {
            await FillAsync(store);
            before = await ReadAsync(store);
        }

        using var reopened = directory.Open();

        Assert.Equal(before, await ReadAsync(reopened));
        Assert.Equal("again", (await reopened.Memories.AddAsync(Samples.Memory("m2"), Stop))!.Memory);
    }

    private static async Task FillAsync(OpenStore store)
    {
        foreach (var write in Writes(store))
        {
            await write();
        }
    }

    private static Func<Task>[] Writes(OpenStore store) => Writes(store.Memories);

    private static Func<Task>[] Writes(SqliteUserMemories memories) =>
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
    private static async Task<string> ReadAsync(OpenStore store) => string.Join(
        '\n', (await store.Memories.ListAsync(new UserMemoryQuery(MemoryScope.Everyone) { Limit = 100, Descending = false }, Stop)).Memories.Select(Samples.ToJson));
}
