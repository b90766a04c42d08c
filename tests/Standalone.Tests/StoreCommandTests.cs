using System.Net;

namespace Cluster.Standalone.Tests;

/// <summary>What operators do with stores, by real processes.</summary>
public sealed class StoreCommandTests : IDisposable
{
    private const int Runs = 6;
    private const string Asking = "/agents/assistant/runs";

    private readonly DirectoryInfo _place = Directory.CreateTempSubdirectory("store-command-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _place.Delete(recursive: true);

    [Fact]
    public async Task A_backup_that_was_made_while_the_server_worked_is_put_in_the_place_of_the_database()
    {
        await using (var server = await ServeAsync("data"))
        {
            await AskAsync(server, Runs);
            Assert.Equal((0, "The store is sound: 6 runs."), await RunAsync("check", "data"));
            Assert.Equal(0, (await RunAsync("backup", "data", At("copy"))).ExitCode);
            await AskAsync(server, 1);
        }

        Directory.CreateDirectory(At("restored"));
        File.Move(At("copy"), Path.Combine(At("restored"), "cluster.db"));

        Assert.Equal((0, "The store is sound: 6 runs."), await RunAsync("check", "restored"));
        await using var restored = await ServeAsync("restored");
        await AskAsync(restored, 1);
        Assert.Contains("\"total_count\":2", await restored.Client.GetStringAsync("/sessions?type=agent", Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_exported_is_taken_in_by_a_store_that_is_empty_and_by_no_other()
    {
        await FillAsync("data");

        Assert.Equal(0, (await RunAsync("export", "data", At("all.gz"))).ExitCode);
        Assert.Equal(0, (await RunAsync("import", "other", At("all.gz"))).ExitCode);
        var again = await RunAsync("import", "other", At("all.gz"));
        Assert.Equal(0, (await RunAsync("export", "other", At("again"))).ExitCode);

        Assert.Equal((0, "The store is sound: 6 runs."), await RunAsync("check", "other"));
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("holds something already", again.Said, StringComparison.Ordinal);
        Assert.Contains("\"end\":{\"sessions\":2,\"runs\":6", await File.ReadAllTextAsync(At("again"), Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_are_taken_away_by_number_and_age_and_their_space_is_given_back()
    {
        await FillAsync("data");

        Assert.Equal((0, "Would take away 4 runs and 0 sessions."), await RunAsync("prune", "data", "--keep", "1", "--dry-run"));
        Assert.Equal((0, "Took away 4 runs and 0 sessions."), await RunAsync("prune", "data", "--keep", "1"));
        Assert.Equal((0, "Took away 0 runs and 0 sessions."), await RunAsync("prune", "data", "--older-than", "1h"));
        Assert.Equal(0, (await RunAsync("compact", "data")).ExitCode);
        Assert.Equal((0, "The store is sound: 2 runs."), await RunAsync("check", "data"));
    }

    [Fact]
    public async Task A_check_that_finds_damage_names_it_and_ends_with_2()
    {
        await FillAsync("data");
        await using (var file = new FileStream(Path.Combine(At("data"), "cluster.db"), FileMode.Open))
        {
            file.Seek(20_000, SeekOrigin.Begin);
            await file.WriteAsync(new byte[40_000], Stop);
        }

        var (exitCode, said) = await RunAsync("check", "data");

        Assert.Equal(2, exitCode);
        Assert.Contains("problems in a store of", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("prune", "Say what goes")]
    [InlineData("prune --older-than yesterday", "an age like 90d, 12h, 30m or 2w, and not 'yesterday'")]
    [InlineData("prune --keep 0", "a number from 1 on, and not '0'")]
    [InlineData("import nowhere", "nowhere")]
    [InlineData("check", "There is no store in")]
    public async Task What_cannot_be_done_is_refused_in_a_line_and_makes_no_store(string command, string why)
    {
        var (exitCode, said) = await RunAsync(command.Split(' ')[0], "none", command.Split(' ')[1..]);

        Assert.Equal(1, exitCode);
        Assert.Contains(why, said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(At("none"), "cluster.db")));
    }

    [Fact]
    public async Task A_store_on_which_a_server_works_is_not_compacted()
    {
        await using var server = await ServeAsync("data");

        var (exitCode, said) = await RunAsync("compact", "data");

        Assert.Equal(1, exitCode);
        Assert.Contains("is in use by another process", said, StringComparison.Ordinal);
        await AskAsync(server, 1);
    }

    private static async Task AskAsync(ServerProcess server, int times)
    {
        for (var run = 0; run < times; run++)
        {
            using var form = new MultipartFormDataContent
            {
                { new StringContent("Hello"), "message" },
                { new StringContent("false"), "stream" },
                { new StringContent($"s{run % 2}"), "session_id" },
            };
            using var answer = await server.Client.PostAsync(Asking, form, Stop);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    private async Task FillAsync(string directory)
    {
        await using var server = await ServeAsync(directory);
        await AskAsync(server, Runs);
        Assert.Equal(0, await server.TerminateAsync());
    }

    private async Task<(int ExitCode, string Said)> RunAsync(string verb, string directory, params string[] arguments)
    {
        var (exitCode, output, errors) = await ServerProcess.RunToEndAsync(["store", verb, .. arguments, "--store", $"sqlite:{At(directory)}"]);
        return (exitCode, (errors + output).Trim());
    }

    private Task<ServerProcess> ServeAsync(string directory) => ServerProcess.StartAsync("--store", $"sqlite:{At(directory)}");

    private string At(string name) => Path.Combine(_place.FullName, name);
}
