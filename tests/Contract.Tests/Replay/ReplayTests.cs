namespace Cluster.Contract.Tests.Replay;

public sealed class ReplayTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static TheoryData<string, string> ScenariosOnStores
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var scenario in Scenarios.All)
            {
                data.Add(scenario.Name, "memory");
                data.Add(scenario.Name, "sqlite");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(ScenariosOnStores))]
    public async Task Recorded_exchanges_are_answered_as_they_were(string name, string store)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(Patience);
        await using var server = await ReferenceServer.StartAsync(store, stop.Token);

        var surprises = await Player.PlayAsync(server, name, stop.Token);

        Assert.True(surprises.Count == 0, $"{surprises.Count} surprises:\n{string.Join('\n', surprises)}");
    }

    [Fact]
    public void Every_recording_is_replayed()
    {
        var replayed = Scenarios.All.SelectMany(scenario => scenario.Steps).OfType<ReplayStep>().Select(step => step.Recording);

        Assert.Empty(Recording.Names.Except(replayed));
    }

    [Fact]
    public void Every_difference_is_explained_to_users()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "compatibility.md"));
        var unexplained = ToleratedDifferences.All.Select(tolerance => tolerance.Reason).Distinct().Where(reason => !page.Contains(reason, StringComparison.Ordinal));

        Assert.Empty(unexplained);
    }
}
