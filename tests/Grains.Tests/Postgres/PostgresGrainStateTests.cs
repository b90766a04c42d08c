using System.Text;
using Cluster.Engine.Scopes;
using Cluster.Grains.Interfaces.Keys;
using Orleans.Storage;

namespace Cluster.Grains.Tests.Postgres;

public sealed class PostgresGrainStateTests(TwoSilos silos) : IClassFixture<TwoSilos>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_state_is_written_as_plain_JSON_read_again_and_gone_when_it_is_cleared()
    {
        var key = NewKey();
        var notebook = silos.First.Grains.GetGrain<INotebookGrain>(key);

        await notebook.WriteAsync("naïve 🦊");
        await notebook.WriteAsync("naïve 🦊 \u0000");
        Assert.Equal("""{"text":"naïve 🦊 \u0000","tags":["a","naïve 🦊 \u0000"]}""", Encoding.UTF8.GetString(Assert.Single(await PayloadsAsync(key))));
        await notebook.ReloadAsync();
        Assert.Equal("naïve 🦊 \0", await notebook.ReadAsync());

        await notebook.ClearAsync();
        await notebook.ReloadAsync();
        Assert.Equal((string.Empty, false), (await notebook.ReadAsync(), await notebook.ExistsAsync()));
        Assert.Empty(await PayloadsAsync(key));
        await notebook.WriteAsync("again");
        await notebook.ReloadAsync();
        Assert.Equal(("again", true), (await notebook.ReadAsync(), await notebook.ExistsAsync()));
    }

    [Fact]
    public async Task Of_two_first_writes_at_once_one_leaves_its_row_and_the_other_is_told()
    {
        for (var round = 0; round < 100; round++)
        {
            var key = NewKey();
            var id = GrainId.Create("test-notebook", key);
            var states = new[] { new GrainState<Note>(new Note("first", [])), new GrainState<Note>(new Note("second", [])) };

            var won = await Task.WhenAll(TryWriteAsync(silos.First, id, states[0]), TryWriteAsync(silos.Second, id, states[1]));

            Assert.Single(won, isWinner => isWinner);
            Assert.Single(await PayloadsAsync(key));
            var read = await ReadAsync(silos.First, id);
            Assert.Equal(won[0] ? "first" : "second", read.State!.Text);
        }
    }

    [Fact]
    public async Task A_first_write_after_another_s_is_told_and_keeps_no_version()
    {
        var key = NewKey();
        var id = GrainId.Create("test-notebook", key);
        Assert.True(await TryWriteAsync(silos.First, id, new GrainState<Note>(new Note("first", []))));

        var late = new GrainState<Note>(new Note("late", []));

        await Assert.ThrowsAsync<InconsistentStateException>(() => silos.Second.Storage.WriteStateAsync("notebook", id, late));
        Assert.Null(late.ETag);
        Assert.Equal("first", (await ReadAsync(silos.Second, id)).State!.Text);
    }

    [Fact]
    public async Task Of_two_writes_on_one_version_the_second_is_told()
    {
        var id = GrainId.Create("test-notebook", NewKey());
        Assert.True(await TryWriteAsync(silos.First, id, new GrainState<Note>(new Note("start", []))));
        var (first, second) = (await ReadAsync(silos.First, id), await ReadAsync(silos.Second, id));

        Assert.True(await TryWriteAsync(silos.First, id, first));
        Assert.False(await TryWriteAsync(silos.Second, id, second));

        await Assert.ThrowsAsync<InconsistentStateException>(() => silos.Second.Storage.ClearStateAsync("notebook", id, second));
        Assert.True(await TryWriteAsync(silos.First, id, first));
    }

    [Fact]
    public async Task An_activation_left_behind_cannot_overwrite_a_state_that_was_cleared_and_written_anew()
    {
        var id = GrainId.Create("test-notebook", NewKey());
        var leftBehind = new GrainState<Note>(new Note("old", []));
        Assert.True(await TryWriteAsync(silos.First, id, leftBehind));
        await silos.Second.Storage.ClearStateAsync("notebook", id, await ReadAsync(silos.Second, id));
        Assert.True(await TryWriteAsync(silos.Second, id, new GrainState<Note>(new Note("new", []))));

        Assert.False(await TryWriteAsync(silos.First, id, leftBehind));

        Assert.Equal("new", (await ReadAsync(silos.First, id)).State!.Text);
    }

    [Fact]
    public async Task The_identity_is_unique_for_every_kind_of_key()
    {
        foreach (var key in new[] { "4711", "4711+x", Guid.NewGuid().ToString("N"), $"{Guid.NewGuid():N}+x", "text" })
        {
            var id = GrainId.Create("test-number", key);
            var won = await Task.WhenAll(
                Enumerable.Range(0, 8).Select(i => TryWriteAsync(i % 2 == 0 ? silos.First : silos.Second, id, new GrainState<Note>(new Note("x", [])), "number")));

            Assert.Single(won, isWinner => isWinner);
        }

        Assert.Equal(5, (await silos.Schema.ReadAsync<int>("SELECT version FROM orleans_storage WHERE state_name = 'number'")).Count);
    }

    [Fact]
    public async Task Services_that_share_a_database_do_not_share_states()
    {
        var key = NewKey();
        var id = GrainId.Create("test-notebook", key);
        Assert.True(await TryWriteAsync(silos.First, id, new GrainState<Note>(new Note("ours", []))));
        await silos.Schema.ExecuteAsync($"UPDATE orleans_storage SET service_id = 'another' WHERE key_text = '{key}'");

        Assert.False((await ReadAsync(silos.First, id)).RecordExists);
        Assert.True(await TryWriteAsync(silos.First, id, new GrainState<Note>(new Note("ours again", []))));

        Assert.Equal(2, (await PayloadsAsync(key)).Count);
    }

    private static string NewKey() => new SessionKey(TenantId.Default, Guid.NewGuid().ToString("N")).ToString();

    private static async Task<bool> TryWriteAsync(TestSilo silo, GrainId id, GrainState<Note> state, string stateName = "notebook")
    {
        try
        {
            await silo.Storage.WriteStateAsync(stateName, id, state);
            return true;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
    }

    private static async Task<GrainState<Note>> ReadAsync(TestSilo silo, GrainId id)
    {
        var state = new GrainState<Note>();
        await silo.Storage.ReadStateAsync("notebook", id, state);
        return state;
    }

    private Task<List<byte[]>> PayloadsAsync(string key) => silos.Schema.ReadAsync<byte[]>($"SELECT payload FROM orleans_storage WHERE key_text = '{key}'");
}
