using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Storage.Embedded;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Embedded;

public sealed class TornWriteTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_cut_off_at_any_byte_holds_exactly_what_was_acknowledged_by_then()
    {
        using var directory = new TestDirectory();
        var acknowledged = await WriteAsync(directory);
        var bytes = await File.ReadAllBytesAsync(Assert.Single(directory.Files), Stop);

        for (var cut = acknowledged[^4].Length; cut <= bytes.Length; cut++)
        {
            var expected = acknowledged.Last(state => state.Length <= cut);

            await AssertOpensAsync(bytes[..(int)cut], expected, $"cut at {cut}");
        }
    }

    [Fact]
    public async Task A_last_frame_with_any_byte_changed_is_dropped_and_nothing_else()
    {
        using var directory = new TestDirectory();
        var acknowledged = await WriteAsync(directory);
        var bytes = await File.ReadAllBytesAsync(Assert.Single(directory.Files), Stop);

        for (var changed = acknowledged[^2].Length; changed < bytes.Length; changed++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[changed] ^= 0x5A;

            await AssertOpensAsync(damaged, acknowledged[^2], $"changed at {changed}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(11)]
    [InlineData(5_000)]
    [InlineData(3_000_000)]
    public async Task Zeros_that_a_file_system_left_at_the_end_are_dropped(int count)
    {
        using var directory = new TestDirectory();
        var acknowledged = await WriteAsync(directory);
        var bytes = await File.ReadAllBytesAsync(Assert.Single(directory.Files), Stop);

        await AssertOpensAsync([.. bytes, .. new byte[count]], acknowledged[^1], $"{count} zeros");
    }

    [Fact]
    public async Task A_batch_whose_first_pages_were_lost_is_dropped_though_its_last_ones_arrived()
    {
        using var directory = new TestDirectory();
        var acknowledged = await WriteAsync(directory);
        var (first, second) = (EncodeSession("x1", distance: 0), EncodeSession("x2", distance: 0));
        Frame.Seal(second.Bytes.Span, second.PayloadCrc, (uint)first.Bytes.Length);
        var bytes = await File.ReadAllBytesAsync(Assert.Single(directory.Files), Stop);

        await AssertOpensAsync([.. bytes, .. new byte[first.Bytes.Length], .. second.Bytes.Span], acknowledged[^1], "hole in the batch");
    }

    [Fact]
    public async Task A_bad_frame_before_a_later_batch_is_damage_and_stops_the_start()
    {
        using var directory = new TestDirectory();
        await WriteAsync(directory);
        var file = Assert.Single(directory.Files);
        var end = new FileInfo(file).Length;
        var (first, second) = (EncodeSession("x1", distance: 0), EncodeSession("x2", distance: 0));
        await File.AppendAllBytesAsync(file, [.. new byte[first.Bytes.Length], .. second.Bytes.Span], Stop);
        var before = directory.Fingerprint();

        var error = Assert.Throws<InvalidDataException>(directory.Open);

        Assert.Contains($"'{file}' is damaged at offset {end}:", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, directory.Fingerprint());
    }

    private static EncodedFrame EncodeSession(string sessionId, uint distance)
    {
        var frame = ChangeCodec.Encode(Samples.Session(sessionId)).Frame;
        Frame.Seal(frame.Bytes.Span, frame.PayloadCrc, distance);
        return frame;
    }

    private static async Task<List<(long Length, string Contents)>> WriteAsync(TestDirectory directory)
    {
        await using var store = directory.Open();
        var acknowledged = new List<(long, string)>();
        await CommitAsync(() => store.AcceptAsync(Samples.Accept("r1"), Stop));
        await CommitAsync(() => store.AppendAsync(Samples.Append("r1", 1, Samples.Event("a")) with { Output = Samples.Output("r1", RunStatus.Running) }, Stop));
        await CommitAsync(() => store.UpdateAsync("s1", new SessionPatch { SessionName = "n", UpdatedAt = 3 }, Stop));
        await CommitAsync(() => store.CreateAsync(Samples.Session("s2"), Stop));
        await CommitAsync(() => store.DeleteAsync(["s2"], null, Stop));
        await CommitAsync(() => store.AppendAsync(Samples.Append("r1", 2, Samples.Event("b")), Stop));
        return acknowledged;

        async Task CommitAsync(Func<Task> commit)
        {
            await commit();
            acknowledged.Add((directory.TotalBytes, await Contents.ReadAsync(store)));
        }
    }

    private static async Task AssertOpensAsync(byte[] file, (long Length, string Contents) expected, string message)
    {
        using var crashed = new TestDirectory();
        var path = Path.Combine(crashed.Path, "journal-000000000001.log");
        await File.WriteAllBytesAsync(path, file, Stop);

        await using (var store = crashed.Open())
        {
            Assert.True(expected.Contents == await Contents.ReadAsync(store), message);
            Assert.Equal(expected.Length, new FileInfo(path).Length);
            Assert.True(await store.CreateAsync(Samples.Session("after"), Stop));
        }

        await using var again = crashed.Open();
        Assert.NotNull(await again.FindAsync("after", Stop));
    }
}
