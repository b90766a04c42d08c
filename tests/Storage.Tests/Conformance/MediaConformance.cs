using System.Security.Cryptography;
using Cluster.Engine.Contents;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;

namespace Cluster.Storage.Tests.Conformance;

/// <summary>What every <see cref="IMediaStore"/> does, together with the store of the runs that refer to it.</summary>
public abstract class MediaConformance
{
    private const string Tenant = "default";

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    protected abstract Task<MediaUnderTest> OpenAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1024 * 1024)]
    [InlineData((5 * 1024 * 1024) + 17)]
    public async Task Content_comes_back_as_it_was_put(int length)
    {
        await using var store = await OpenAsync();
        var bytes = Bytes(length);

        var stored = await PutAsync(store, bytes);

        Assert.Equal((Convert.ToHexStringLower(SHA256.HashData(bytes)), (long)length), (stored.Sha256, stored.Bytes));
        Assert.Equal(bytes, await ReadAsync(store, stored));
        Assert.Null(await store.Media.OpenAsync(Tenant, new string('0', 64), Stop));
    }

    [Fact]
    public async Task Content_can_be_read_from_any_place_on()
    {
        await using var store = await OpenAsync();
        var bytes = Bytes((2 * 1024 * 1024) + 5);
        var stored = await PutAsync(store, bytes);

        await using var content = await store.Media.OpenAsync(Tenant, stored.Sha256, Stop);
        var tail = new byte[9];
        content!.Seek(-9, SeekOrigin.End);
        await content.ReadExactlyAsync(tail, Stop);
        content.Position = 1024 * 1024 - 4;
        var middle = new byte[8];
        await content.ReadExactlyAsync(middle, Stop);

        Assert.Equal(bytes.Length, content.Length);
        Assert.Equal(bytes[^9..], tail);
        Assert.Equal(bytes[((1024 * 1024) - 4)..((1024 * 1024) + 4)], middle);
    }

    [Fact]
    public async Task Content_that_can_be_read_only_once_is_kept_too()
    {
        await using var store = await OpenAsync();
        var bytes = Bytes(100_000);
        await using var once = new OnceStream(bytes);

        var stored = await store.Media.PutAsync(Tenant, once, Stop);

        Assert.Equal(bytes, await ReadAsync(store, stored));
    }

    [Fact]
    public async Task Another_tenant_does_not_see_the_content()
    {
        await using var store = await OpenAsync();
        var stored = await PutAsync(store, Bytes(5_000));

        Assert.Null(await store.Media.OpenAsync("another", stored.Sha256, Stop));
        Assert.Equal(stored, await store.Media.PutAsync("another", new MemoryStream(Bytes(5_000)), Stop));
        Assert.NotNull(await store.Media.OpenAsync("another", stored.Sha256, Stop));
    }

    [Fact]
    public async Task Content_to_which_nothing_comes_to_refer_goes_after_the_time_of_grace()
    {
        await using var store = await OpenAsync();
        var stored = await PutAsync(store, Bytes(5_000));

        store.Clock.Pass(TimeSpan.FromMinutes(59));
        Assert.Equal(0, await store.Media.SweepAsync(Stop));
        Assert.Equal(stored, await PutAsync(store, Bytes(5_000)));
        store.Clock.Pass(TimeSpan.FromMinutes(59));
        Assert.Equal(0, await store.Media.SweepAsync(Stop));
        store.Clock.Pass(TimeSpan.FromMinutes(2));

        Assert.Equal(1, await store.Media.SweepAsync(Stop));
        Assert.Null(await store.Media.OpenAsync(Tenant, stored.Sha256, Stop));
    }

    [Fact]
    public async Task Content_stays_as_long_as_a_run_refers_to_it_and_goes_with_the_last()
    {
        await using var store = await OpenAsync();
        var stored = await PutAsync(store, Bytes(5_000));
        await store.Store.Log.AcceptAsync(Samples.Accept(With(Samples.Request("r1", "s1"), stored)), Stop);
        await store.Store.Log.AcceptAsync(Samples.Accept(With(Samples.Request("r2", "s2"), stored)), Stop);
        store.Clock.Pass(TimeSpan.FromHours(2));

        Assert.Equal(0, await store.Media.SweepAsync(Stop));
        await store.Store.Sessions.DeleteAsync(["s1"], null, Stop);
        Assert.Equal(0, await store.Media.SweepAsync(Stop));
        Assert.NotNull(await store.Media.FindAsync(Tenant, "s2", stored.Sha256, Stop));
        await store.Store.Sessions.DeleteAsync(["s2"], null, Stop);

        Assert.Equal(1, await store.Media.SweepAsync(Stop));
        Assert.Null(await store.Media.OpenAsync(Tenant, stored.Sha256, Stop));
    }

    [Fact]
    public async Task Whatever_event_or_record_refers_to_content_keeps_it()
    {
        await using var store = await OpenAsync();
        await store.Store.Log.AcceptAsync(Samples.Accept("r1"), Stop);
        var made = await PutAsync(store, Bytes(5_000));
        var told = await PutAsync(store, Bytes(6_000));
        var recorded = await PutAsync(store, Bytes(7_000));
        var completed = new RunCompleted { Content = "done", Files = [new Media { Id = "told", Content = told }] };

        await store.Store.Log.AppendAsync(
            Samples.Append("r1", 1, new PromptAssembled([], [Said(made)], Samples.Json("{}")), completed) with
            {
                Output = Samples.Output("r1", RunStatus.Completed) with { Images = [new Media { Id = "recorded", MimeType = "image/png", Content = recorded }] },
            },
            Stop);
        store.Clock.Pass(TimeSpan.FromHours(2));

        Assert.Equal(0, await store.Media.SweepAsync(Stop));
        Assert.Equal(new StoredMedia(recorded.Sha256, 7_000, "image/png"), await store.Media.FindAsync(Tenant, "s1", "recorded", Stop));
        Assert.Equal(told.Sha256, (await store.Media.FindAsync(Tenant, "s1", "told", Stop))!.Sha256);
        Assert.Equal(made.Sha256, (await store.Media.FindAsync(Tenant, "s1", made.Sha256, Stop))!.Sha256);
        Assert.Null(await store.Media.FindAsync(Tenant, "s2", made.Sha256, Stop));
        Assert.Null(await store.Media.FindAsync(Tenant, "s1", "else", Stop));
    }

    [Fact]
    public async Task A_refused_append_refers_to_nothing()
    {
        await using var store = await OpenAsync();
        await store.Store.Log.AcceptAsync(Samples.Accept("r1"), Stop);
        var stored = await PutAsync(store, Bytes(5_000));

        await Assert.ThrowsAnyAsync<Exception>(() => store.Store.Log.AppendAsync(
            Samples.Append("r1", 7, new RunCompleted { Files = [new Media { Id = "m", Content = stored }] }), Stop));

        Assert.Null(await store.Media.FindAsync(Tenant, "s1", "m", Stop));
    }

    [Fact]
    public async Task A_copied_session_keeps_the_content_of_the_one_it_was_copied_from()
    {
        await using var store = await OpenAsync();
        var stored = await PutAsync(store, Bytes(5_000));
        var request = With(Samples.Request("r1", "s1"), stored);
        await store.Store.Log.AcceptAsync(Samples.Accept(request), Stop);
        var copied = request with { RunId = "c1", SessionId = "copy" };

        await store.Store.Copies.CreateAsync(
            new SessionCopy(Samples.Session("copy"), [new RunCopy(Samples.Output(copied, RunStatus.Completed), 1, [new RunAccepted(copied)])]), Stop);
        await store.Store.Sessions.DeleteAsync(["s1"], null, Stop);
        store.Clock.Pass(TimeSpan.FromHours(2));

        Assert.Equal(0, await store.Media.SweepAsync(Stop));
        Assert.Equal(stored.Sha256, (await store.Media.FindAsync(Tenant, "copy", stored.Sha256, Stop))!.Sha256);
    }

    [Fact]
    public async Task A_run_goes_on_although_content_that_it_refers_to_is_gone()
    {
        await using var store = await OpenAsync();
        var gone = new MediaReference(new string('1', 64), 5_000);

        await store.Store.Log.AcceptAsync(Samples.Accept(With(Samples.Request("r1"), gone)), Stop);

        Assert.NotNull(await store.Store.Log.ReadAsync("r1", Stop));
        Assert.Null(await store.Media.FindAsync(Tenant, "s1", gone.Sha256, Stop));
    }

    [Fact]
    public async Task Content_that_is_put_while_it_is_swept_is_not_lost()
    {
        await using var store = await OpenAsync();
        for (var round = 0; round < 10; round++)
        {
            var bytes = Bytes(20_000 + round);
            await PutAsync(store, bytes);
            store.Clock.Pass(TimeSpan.FromHours(2));

            var sweeping = Task.Run(() => store.Media.SweepAsync(Stop), Stop);
            var put = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => PutAsync(store, bytes), Stop)));
            await sweeping;
            await store.Media.SweepAsync(Stop);

            Assert.Single(put.Distinct());
            Assert.Equal(bytes, await ReadAsync(store, put[0]));
        }
    }

    protected static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
        {
            bytes[i] = (byte)((i * 31) + (i >> 8) + length);
        }

        return bytes;
    }

    protected static Task<MediaReference> PutAsync(MediaUnderTest store, byte[] bytes) => store.Media.PutAsync(Tenant, new MemoryStream(bytes), Stop);

    protected static RunRequest With(RunRequest request, MediaReference stored) => request with
    {
        Input = request.Input with { Images = [new Media { Id = "picture", MimeType = "image/png", Content = stored }] },
    };

    private static Message Said(MediaReference stored) => new() { Id = "m", Role = MessageRole.User, Content = "see", Audio = [new Media { Content = stored }] };

    private static async Task<byte[]?> ReadAsync(MediaUnderTest store, MediaReference stored)
    {
        await using var content = await store.Media.OpenAsync(Tenant, stored.Sha256, Stop);
        if (content is null)
        {
            return null;
        }

        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, Stop);
        return bytes.ToArray();
    }

    private sealed class OnceStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}

/// <summary>A media store with the store of the runs that refer to it.</summary>
public sealed class MediaUnderTest(StoreUnderTest store, IMediaStore media, TestClock clock) : IAsyncDisposable
{
    public StoreUnderTest Store => store;

    public IMediaStore Media => media;

    public TestClock Clock => clock;

    public ValueTask DisposeAsync() => store.DisposeAsync();
}

/// <summary>A clock that stands still until it is told.</summary>
public sealed class TestClock : TimeProvider
{
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public void Pass(TimeSpan time) => _now += time;

    public override DateTimeOffset GetUtcNow() => _now;
}
