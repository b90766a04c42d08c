using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Sqlite;

/// <summary>What a crash or a power cut can leave of the file that commits go to first.</summary>
public sealed class TornWriteTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_log_cut_off_anywhere_holds_exactly_what_was_acknowledged_by_then()
    {
        using var directory = new TestDirectory();
        var (acknowledged, database, log) = await WriteAsync(directory);

        foreach (var cut in Places(acknowledged, log.Length))
        {
            await AssertOpensAsync(database, log[..cut], acknowledged.Last(state => state.Length <= cut).Contents, $"cut at {cut}");
        }
    }

    [Fact]
    public async Task A_last_commit_with_any_part_changed_is_dropped_and_nothing_else()
    {
        using var directory = new TestDirectory();
        var (acknowledged, database, log) = await WriteAsync(directory);

        for (var changed = (int)acknowledged[^2].Length; changed < log.Length; changed += 97)
        {
            var damaged = (byte[])log.Clone();
            damaged[changed] ^= 0x5A;

            await AssertOpensAsync(database, damaged, acknowledged[^2].Contents, $"changed at {changed}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5_000)]
    [InlineData(3_000_000)]
    public async Task Zeros_that_a_file_system_left_at_the_end_are_dropped(int count)
    {
        using var directory = new TestDirectory();
        var (acknowledged, database, log) = await WriteAsync(directory);

        await AssertOpensAsync(database, [.. log, .. new byte[count]], acknowledged[^1].Contents, $"{count} zeros");
    }

    /// <summary>Before, at and behind the end of each commit, and some hundred places between.</summary>
    private static IEnumerable<int> Places(List<(long Length, string Contents)> acknowledged, int length)
    {
        var edges = acknowledged.SelectMany(state => new[] { state.Length - 1, state.Length, state.Length + 1 });
        var between = Enumerable.Range(0, 150).Select(index => acknowledged[0].Length + (index * (length - acknowledged[0].Length) / 150));
        return edges.Concat(between).Where(place => place >= acknowledged[0].Length && place <= length).Distinct().Order().Select(place => (int)place);
    }

    private static async Task<(List<(long Length, string Contents)> Acknowledged, byte[] Database, byte[] Log)> WriteAsync(TestDirectory directory)
    {
        using var store = directory.Open();
        var acknowledged = new List<(long, string)>();
        await CommitAsync(() => store.Runs.AcceptAsync(Samples.Accept("r1"), Stop));
        await CommitAsync(() => store.Runs.AppendAsync(Samples.Append("r1", 1, Samples.Event("a")) with { Output = Samples.Output("r1", RunStatus.Running) }, Stop));
        await CommitAsync(() => store.Runs.UpdateAsync("s1", new SessionPatch { SessionName = "n", UpdatedAt = 3 }, Stop));
        await CommitAsync(() => store.Runs.CreateAsync(Samples.Session("s2"), Stop));
        await CommitAsync(() => store.Runs.DeleteAsync(["s2"], null, Stop));
        await CommitAsync(() => store.Runs.AppendAsync(Samples.Append("r1", 2, Samples.Event("b")), Stop));
        using var crashed = directory.Copy();
        return (acknowledged, await File.ReadAllBytesAsync(crashed.DatabaseFile, Stop), await File.ReadAllBytesAsync(crashed.LogFile, Stop));

        async Task CommitAsync(Func<Task> commit)
        {
            await commit();
            acknowledged.Add((new FileInfo(directory.LogFile).Length, await Contents.ReadAsync(store.Runs)));
        }
    }

    private static async Task AssertOpensAsync(byte[] database, byte[] log, string expected, string message)
    {
        using var crashed = new TestDirectory();
        await File.WriteAllBytesAsync(crashed.DatabaseFile, database, Stop);
        await File.WriteAllBytesAsync(crashed.LogFile, log, Stop);

        using (var store = crashed.Open())
        {
            Assert.True(expected == await Contents.ReadAsync(store.Runs), message);
            Assert.True(await store.Runs.CreateAsync(Samples.Session("after"), Stop));
        }

        using var again = crashed.Open();
        Assert.NotNull(await again.Runs.FindAsync("after", Stop));
    }
}
