using Cluster.Engine.Memory;

namespace Cluster.Storage.Tests.Conformance;

/// <summary>What every <see cref="IUserMemoryStore"/> does.</summary>
public abstract class UserMemoryConformance
{
    private static readonly MemoryScope Ann = MemoryScope.Of("ann");
    private static readonly MemoryScope Bob = MemoryScope.Of("bob");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_memory_comes_back_as_it_was()
    {
        await using var store = await OpenAsync();
        var bare = new UserMemory { MemoryId = "m2", Memory = "x", UserId = "ann", CreatedAt = 1, UpdatedAt = 1 };
        var empty = bare with { MemoryId = "m3", Topics = [] };

        var added = await store.Memories.AddAsync(Samples.Memory("m1"), Stop);
        await store.Memories.AddAsync(bare, Stop);
        await store.Memories.AddAsync(empty, Stop);

        Assert.All([added, await store.Memories.FindAsync(Ann, "m1", Stop)], memory => Assert.Equal(Samples.ToJson(Samples.Memory("m1")), Samples.ToJson(memory)));
        Assert.Equal(Samples.ToJson(bare), Samples.ToJson(await store.Memories.FindAsync(Ann, "m2", Stop)));
        Assert.Equal(Samples.ToJson(empty), Samples.ToJson(await store.Memories.FindAsync(Ann, "m3", Stop)));
        Assert.Null(await store.Memories.FindAsync(Ann, "m4", Stop));
    }

    [Fact]
    public async Task Adding_the_same_again_adds_nothing_and_changes_nothing()
    {
        await using var store = await OpenAsync();
        await store.Memories.AddAsync(Samples.Memory("m1"), Stop);
        await store.Memories.UpdateAsync(Ann, "m1", new UserMemoryPatch { Memory = "changed", UpdatedAt = 2_000 }, Stop);

        var again = await store.Memories.AddAsync(Samples.Memory("m1", at: 3_000), Stop);

        Assert.Equal(("changed", 2_000L), (again!.Memory, again.UpdatedAt));
        Assert.Equal(1, (await store.Memories.ListAsync(new UserMemoryQuery(Ann), Stop)).TotalCount);
    }

    [Fact]
    public async Task Of_many_who_add_the_same_at_once_one_adds_it()
    {
        await using var store = await OpenAsync();

        var added = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => store.Memories.AddAsync(Samples.Memory("m1", at: i), Stop)));

        Assert.Single(added.Select(memory => memory!.CreatedAt).Distinct());
        Assert.Equal(1, (await store.Memories.ListAsync(new UserMemoryQuery(Ann), Stop)).TotalCount);
    }

    [Fact]
    public async Task A_user_neither_sees_nor_changes_nor_deletes_another_s_memories()
    {
        await using var store = await OpenAsync();
        await store.Memories.AddAsync(Samples.Memory("m1"), Stop);
        await store.Memories.AddAsync(Samples.Memory("m2", "bob") with { Topics = ["secret"] }, Stop);

        Assert.Null(await store.Memories.AddAsync(Samples.Memory("m1", "bob"), Stop));
        Assert.Null(await store.Memories.FindAsync(Bob, "m1", Stop));
        Assert.Null(await store.Memories.UpdateAsync(Bob, "m1", new UserMemoryPatch { Memory = "mine", UpdatedAt = 9 }, Stop));
        await store.Memories.DeleteAsync(Bob, ["m1"], Stop);

        Assert.Equal(Samples.ToJson(Samples.Memory("m1")), Samples.ToJson(await store.Memories.FindAsync(Ann, "m1", Stop)));
        Assert.Equal("m1", Assert.Single((await store.Memories.ListAsync(new UserMemoryQuery(Ann), Stop)).Memories).MemoryId);
        Assert.DoesNotContain("secret", await store.Memories.ListTopicsAsync(Ann, Stop));
        Assert.Equal("ann", Assert.Single((await store.Memories.ListUsersAsync(new MemoryUserQuery(Ann), Stop)).Users).UserId);
    }

    [Fact]
    public async Task Whoever_administers_all_memories_sees_changes_and_deletes_them()
    {
        await using var store = await OpenAsync();
        await store.Memories.AddAsync(Samples.Memory("m1"), Stop);
        await store.Memories.AddAsync(Samples.Memory("m2", "bob"), Stop);

        Assert.Equal("bob", (await store.Memories.FindAsync(MemoryScope.Everyone, "m2", Stop))!.UserId);
        Assert.Equal(2, (await store.Memories.ListAsync(new UserMemoryQuery(MemoryScope.Everyone), Stop)).TotalCount);
        Assert.Equal("new", (await store.Memories.UpdateAsync(MemoryScope.Everyone, "m2", new UserMemoryPatch { Memory = "new", UpdatedAt = 9 }, Stop))!.Memory);
        await store.Memories.DeleteAsync(MemoryScope.Everyone, ["m1", "m2"], Stop);

        Assert.Equal(0, (await store.Memories.ListAsync(new UserMemoryQuery(MemoryScope.Everyone), Stop)).TotalCount);
    }

    [Fact]
    public async Task A_change_leaves_what_it_does_not_name()
    {
        await using var store = await OpenAsync();
        await store.Memories.AddAsync(Samples.Memory("m1"), Stop);

        var first = await store.Memories.UpdateAsync(Ann, "m1", new UserMemoryPatch { Memory = "new \0", UpdatedAt = 2_000 }, Stop);
        var second = await store.Memories.UpdateAsync(Ann, "m1", new UserMemoryPatch { Topics = [], Feedback = "wrong", UpdatedAt = 3_000 }, Stop);

        var expected = Samples.Memory("m1") with { Memory = "new \0", UpdatedAt = 2_000 };
        Assert.Equal(Samples.ToJson(expected), Samples.ToJson(first));
        expected = expected with { Topics = [], Feedback = "wrong", UpdatedAt = 3_000 };
        Assert.All([second, await store.Memories.FindAsync(Ann, "m1", Stop)], memory => Assert.Equal(Samples.ToJson(expected), Samples.ToJson(memory)));
        Assert.Null(await store.Memories.UpdateAsync(Ann, "m2", new UserMemoryPatch { Memory = "x", UpdatedAt = 1 }, Stop));
    }

    [Fact]
    public async Task Changes_of_different_members_at_once_are_both_kept()
    {
        await using var store = await OpenAsync();
        await store.Memories.AddAsync(Samples.Memory("m1"), Stop);

        await Task.WhenAll(
            store.Memories.UpdateAsync(Ann, "m1", new UserMemoryPatch { Memory = "new", UpdatedAt = 2_000 }, Stop),
            store.Memories.UpdateAsync(Ann, "m1", new UserMemoryPatch { Feedback = "wrong", UpdatedAt = 2_000 }, Stop));

        var memory = await store.Memories.FindAsync(Ann, "m1", Stop);
        Assert.Equal(("new", "wrong"), (memory!.Memory, memory.Feedback));
    }

    [Fact]
    public async Task What_is_deleted_is_gone_and_may_be_added_again()
    {
        await using var store = await OpenAsync();
        await store.Memories.AddAsync(Samples.Memory("m1"), Stop);
        await store.Memories.AddAsync(Samples.Memory("m2"), Stop);

        await store.Memories.DeleteAsync(Ann, ["m1", "unknown"], Stop);
        await store.Memories.DeleteAsync(Ann, ["m1"], Stop);
        await store.Memories.DeleteAsync(Ann, [], Stop);
        Assert.Null(await store.Memories.FindAsync(Ann, "m1", Stop));

        Assert.Equal(5_000, (await store.Memories.AddAsync(Samples.Memory("m1", at: 5_000), Stop))!.CreatedAt);
        Assert.Equal(["m1", "m2"], await IdsAsync(store, new UserMemoryQuery(Ann)));
    }

    [Fact]
    public async Task Memories_are_filtered_by_every_member()
    {
        await using var store = await OpenAsync();
        var one = Samples.Memory("m1") with { AgentId = "x", TeamId = "y", Topics = ["work", "Ärger", "%_"], Memory = "Ann hates 100% Äpfel_" };
        await store.Memories.AddAsync(one, Stop);
        await store.Memories.AddAsync(Samples.Memory("m2") with { Topics = ["work"] }, Stop);
        await store.Memories.AddAsync(Samples.Memory("m3") with { Topics = null }, Stop);

        UserMemoryQuery[] matching =
        [
            new(Ann) { AgentId = "x" }, new(Ann) { TeamId = "y" }, new(Ann) { Topics = ["Ärger"] }, new(Ann) { Topics = ["%_", "work"] },
            new(Ann) { Contains = "ÄPFEL_" }, new(Ann) { Contains = "100%" }, new(Ann) { Contains = "hates", Topics = ["work"], AgentId = "x", TeamId = "y" },
        ];
        UserMemoryQuery[] others =
        [
            new(Ann) { AgentId = "z" }, new(Ann) { Topics = ["ärger"] }, new(Ann) { Topics = ["wor"] }, new(Ann) { Topics = ["work", "play"] }, new(Ann) { Contains = "100_" },
            new(Bob) { AgentId = "x" },
        ];

        foreach (var query in matching)
        {
            Assert.Equal(["m1"], await IdsAsync(store, query));
        }

        foreach (var query in others)
        {
            Assert.Empty(await IdsAsync(store, query));
        }

        Assert.Equal(3, (await IdsAsync(store, new UserMemoryQuery(Ann) { Contains = string.Empty })).Length);
    }

    [Fact]
    public async Task Memories_are_sorted_and_come_page_by_page()
    {
        await using var store = await OpenAsync();
        foreach (var (id, created, updated) in new[] { ("b", 1, 9), ("c", 2, 5), ("a", 2, 5), ("d", 3, 4) })
        {
            await store.Memories.AddAsync(Samples.Memory(id) with { CreatedAt = created, UpdatedAt = updated }, Stop);
        }

        var all = new UserMemoryQuery(Ann);

        Assert.Equal(["b", "a", "c", "d"], await IdsAsync(store, all));
        Assert.Equal(["d", "c", "a", "b"], await IdsAsync(store, all with { Descending = false }));
        Assert.Equal(["d", "a", "c", "b"], await IdsAsync(store, all with { SortBy = UserMemorySort.CreatedAt }));
        Assert.Equal(["a", "b", "c", "d"], await IdsAsync(store, all with { SortBy = UserMemorySort.MemoryId, Descending = false }));
        Assert.Equal(["c", "d"], await IdsAsync(store, all with { Offset = 2, Limit = 2 }));
        foreach (var query in new[] { all with { Limit = 0 }, all with { Offset = 9 }, all with { Limit = 1 } })
        {
            Assert.Equal(4, (await store.Memories.ListAsync(query, Stop)).TotalCount);
        }
    }

    [Fact]
    public async Task Topics_are_told_once_each_in_order()
    {
        await using var store = await OpenAsync();
        await store.Memories.AddAsync(Samples.Memory("m1") with { Topics = ["b", "a", "Z"] }, Stop);
        await store.Memories.AddAsync(Samples.Memory("m2") with { Topics = ["a"] }, Stop);
        await store.Memories.AddAsync(Samples.Memory("m3") with { Topics = null }, Stop);
        await store.Memories.AddAsync(Samples.Memory("m4", "bob") with { Topics = ["c"] }, Stop);

        Assert.Equal(["Z", "a", "b"], await store.Memories.ListTopicsAsync(Ann, Stop));
        Assert.Equal(["Z", "a", "b", "c"], await store.Memories.ListTopicsAsync(MemoryScope.Everyone, Stop));
        Assert.Empty(await store.Memories.ListTopicsAsync(MemoryScope.Of("nobody"), Stop));
    }

    [Fact]
    public async Task Users_are_counted_and_come_page_by_page()
    {
        await using var store = await OpenAsync();
        await store.Memories.AddAsync(Samples.Memory("m1", at: 1), Stop);
        await store.Memories.AddAsync(Samples.Memory("m2", at: 7), Stop);
        await store.Memories.AddAsync(Samples.Memory("m3", "bob", at: 9), Stop);
        await store.Memories.AddAsync(Samples.Memory("m4", "cid", at: 7), Stop);

        var all = await store.Memories.ListUsersAsync(new MemoryUserQuery(MemoryScope.Everyone), Stop);
        var second = await store.Memories.ListUsersAsync(new MemoryUserQuery(MemoryScope.Everyone) { Offset = 1, Limit = 1 }, Stop);

        Assert.Equal([new MemoryUser("bob", 1, 9), new MemoryUser("ann", 2, 7), new MemoryUser("cid", 1, 7)], all.Users);
        Assert.Equal((3, 3, new MemoryUser("ann", 2, 7)), (all.TotalCount, second.TotalCount, Assert.Single(second.Users)));
        Assert.Equal(3, (await store.Memories.ListUsersAsync(new MemoryUserQuery(MemoryScope.Everyone) { Limit = 0 }, Stop)).TotalCount);
    }

    /// <summary>Opens a store that holds nothing yet.</summary>
    protected abstract Task<MemoriesUnderTest> OpenAsync();

    private static async Task<string[]> IdsAsync(MemoriesUnderTest store, UserMemoryQuery query)
    {
        var page = await store.Memories.ListAsync(query, Stop);
        Assert.True(page.TotalCount >= page.Memories.Length);
        return [.. page.Memories.Select(memory => memory.MemoryId)];
    }
}

/// <summary>A store of memories, and what is closed and removed after the test.</summary>
public sealed class MemoriesUnderTest(IUserMemoryStore memories, Func<ValueTask>? disposeAsync = null) : IAsyncDisposable
{
    public IUserMemoryStore Memories => memories;

    public ValueTask DisposeAsync() => disposeAsync?.Invoke() ?? ValueTask.CompletedTask;
}
