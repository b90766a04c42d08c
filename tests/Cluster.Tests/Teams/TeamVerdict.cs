using Cluster.Engine.Runs;
using Cluster.Tests.Evidence;
using Cluster.Tests.Processes;

namespace Cluster.Tests.Teams;

/// <summary>What the members of teams did and what the logs say, held against each other.</summary>
internal sealed class TeamVerdict
{
    private readonly Guarantees _members;

    private TeamVerdict(List<LoggedRun> runs, List<LedgerEntry> ledger)
    {
        Runs = runs;
        Ledger = ledger;
        _members = new Guarantees([.. runs.Where(run => !RequestOf(run).IsOfTeam)], ledger);
    }

    public IReadOnlyList<LoggedRun> Runs { get; }

    public IReadOnlyList<LedgerEntry> Ledger { get; }

    /// <summary>Gets what must not be: work of a member that is done again, a run that has not come to its end, or that was started twice.</summary>
    public IReadOnlyList<string> Violations => [.. _members.FindViolations(), .. Unfinished(), .. Twins()];

    /// <summary>Gets the executions of tools that repeated an earlier one.</summary>
    public IEnumerable<string> Repetitions => _members.FindRepetitions();

    public static async Task<TeamVerdict> ReadAsync(TestCluster cluster) => new(await LoggedRun.ReadAllAsync(cluster.Store), await cluster.Ledger.ReadAsync());

    /// <summary>Says what every team run has to answer.</summary>
    public static string AnswerAfter(int steps) =>
        $"Agent inner: Agent ann: {Done(steps)}Agent bob: {Done(steps)}Agent worker: {Done(steps)}Agent broken: The provider is downAgent careful: {Done(steps)}";

    public string Describe() =>
        $"""
        {Runs.Count} runs ({string.Join(", ", Runs.CountBy(run => run.Status).Select(status => $"{status.Value} {status.Key}"))}), {Runs.Count(run => RequestOf(run).ParentRunId is null)} of them started by clients
        {Ledger.Count(entry => entry.Finished)} tool executions finished, {_members.Repetitions} began again, {Runs.Sum(run => run.Events.OfType<RunTakenOver>().Count())} takeovers
        {string.Join("\n", Violations.Take(20))}
        """;

    private static string Done(int steps) =>
        $"{string.Concat(Enumerable.Range(1, steps).Select(step => $"Step {step} of {steps}. "))}All {steps} steps are done.";

    private static RunRequest RequestOf(LoggedRun run) => run.Events.OfType<RunAccepted>().First().Request;

    private IEnumerable<string> Unfinished() => Runs.Where(run => run.Status is "PENDING" or "RUNNING" or "PAUSED").Select(run => $"run {run.RunId} of {RequestOf(run).AgentId} is {run.Status}");

    /// <summary>Each member works once for each run of its team, whoever leads it.</summary>
    private IEnumerable<string> Twins() => Runs.Where(run => RequestOf(run).ParentRunId is not null)
        .GroupBy(run => (RequestOf(run).ParentRunId, RequestOf(run).AgentId))
        .Where(same => same.Count() > 1)
        .Select(same => $"the run {same.Key.ParentRunId} started {same.Key.AgentId} {same.Count()} times");
}
