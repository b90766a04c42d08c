namespace Cluster.Contract.Tests.Replay;

public sealed class ReplayTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static TheoryData<string> ScenarioNames => [.. Scenarios.All.Select(scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(ScenarioNames))]
    public async Task Recorded_exchanges_are_answered_as_they_were(string name)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(Patience);
        await using var player = await Player.StartAsync(stop.Token);
        var surprises = new List<string>();

        foreach (var step in Scenarios.All.Single(scenario => scenario.Name == name).Steps)
        {
            surprises.AddRange(await TakeAsync(player, step, stop.Token));
        }

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

    private static async Task<IEnumerable<string>> TakeAsync(Player player, ScenarioStep step, CancellationToken cancellationToken)
    {
        switch (step)
        {
            case PrepareStep prepare:
                await prepare.RunAsync(player, cancellationToken);
                return [];
            case ActStep act:
                await act.RunAsync(player, cancellationToken);
                return [];
            case ReplayStep replay:
                return Judge(replay.Recording, await player.PlayAsync(replay, cancellationToken));
            default:
                throw new NotSupportedException($"A scenario cannot take the step {step}.");
        }
    }

    /// <summary>Differences that nobody meant, and meant ones that are no longer there: the table must say what is.</summary>
    private static IEnumerable<string> Judge(string recording, IReadOnlyList<Difference> differences)
    {
        var tolerances = ToleratedDifferences.All.Where(tolerance => tolerance.IsFor(recording)).ToArray();
        var unmeant = differences.Where(difference => !tolerances.Any(tolerance => tolerance.Covers(difference))).Select(difference => $"{recording} {difference}");
        var gone = tolerances.Where(tolerance => tolerance.IsSpecific && !differences.Any(tolerance.Covers))
            .Select(tolerance => $"{recording} {tolerance.Path}: no longer differs; take it out of {nameof(ToleratedDifferences)}");
        return unmeant.Concat(gone);
    }
}
