using System.Globalization;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Storage.Sqlite;

namespace Cluster.Storage.Tests.Sqlite;

public sealed class ProcessTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_a_killed_process_acknowledged_is_there()
    {
        using var directory = new TestDirectory();
        var acknowledged = new Dictionary<string, int>();

        for (var round = 0; round < 5; round++)
        {
            using var process = StoreProcess.Start("write", directory.Path, $"round{round}");
            for (var line = 0; line < 400 * (round + 1); line++)
            {
                Note(acknowledged, Assert.IsType<string>(await process.ReadLineAsync(Stop)));
            }

            foreach (var line in (await process.KillAsync(Stop)).Split('\n'))
            {
                Note(acknowledged, line);
            }

            using var store = directory.Open();
            await AssertHoldsAsync(store.Runs, acknowledged);
        }

        Assert.True(acknowledged.Count > 1_000);
    }

    [Fact]
    public async Task A_second_process_is_told_that_the_directory_is_in_use_until_the_first_one_ends()
    {
        using var directory = new TestDirectory();
        using var process = StoreProcess.Start("hold", directory.Path);
        Assert.Equal("open", await process.ReadLineAsync(Stop));

        var error = Assert.Throws<UnavailableException>(directory.Open);
        Assert.Contains($"'{directory.Path}' is in use by another process", error.Message, StringComparison.Ordinal);
        Assert.Contains("Storage:Sqlite:Directory", error.Message, StringComparison.Ordinal);

        await process.KillAsync(Stop);
        using var store = directory.Open();
        Assert.True(await store.Runs.CreateAsync(new SessionRecord { SessionId = "s" }, Stop));
    }

    [Fact]
    public async Task A_file_that_may_not_grow_refuses_the_write_and_keeps_everything_acknowledged()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no limit on file sizes.");
        using var directory = new TestDirectory();
        using var process = StoreProcess.StartWithFileLimit(1_500, "fill", directory.Path);
        var lines = new List<string>();
        while (await process.ReadLineAsync(Stop) is { } line)
        {
            lines.Add(line);
        }

        Assert.True(lines.Count > 20, string.Join('\n', lines));
        Assert.Contains($"'{directory.Path}' cannot be written", lines[^1], StringComparison.Ordinal);
        using var store = directory.Open();
        var page = await store.Runs.ListAsync(new SessionQuery { Limit = 10_000 }, Stop);
        Assert.Equal(lines.Count - 1, page.TotalCount);
        Assert.NotNull(await store.Runs.FindAsync(lines[^2].Split(' ')[0], Stop));
        Assert.True(await store.Runs.CreateAsync(new SessionRecord { SessionId = "after" }, Stop));
    }

    // "run events ."; a line without the dot was cut off by the kill.
    private static void Note(Dictionary<string, int> acknowledged, string line)
    {
        if (line.Split(' ') is [var runId, var events, "."])
        {
            acknowledged[runId] = int.Parse(events, CultureInfo.InvariantCulture);
        }
    }

    private static async Task AssertHoldsAsync(SqliteStore store, Dictionary<string, int> acknowledged)
    {
        foreach (var (runId, events) in acknowledged)
        {
            var log = await store.ReadAsync(runId, Stop);
            Assert.NotNull(log);
            Assert.True(log.Events.Length >= events, $"{runId} has {log.Events.Length} of {events} events");
            var positions = Enumerable.Range(1, log.Events.Length - 1);
            Assert.Equal(positions.Select(position => $"{runId} {position}"), log.Events.Skip(1).Cast<AttemptFailed>().Select(next => next.Error));
        }
    }
}
