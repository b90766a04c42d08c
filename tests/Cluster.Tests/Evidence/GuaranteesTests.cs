using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;

namespace Cluster.Tests.Evidence;

/// <summary>The judge of the other tests has to notice what it is there for.</summary>
public sealed class GuaranteesTests
{
    private static readonly Guid First = Guid.NewGuid();
    private static readonly Guid Second = Guid.NewGuid();

    [Fact]
    public void A_call_that_is_executed_again_before_its_outcome_is_settled_is_a_repetition_and_no_violation()
    {
        var guarantees = Judge(Second, Entry(First, 1, finished: false), Entry(Second, 2, finished: false), Entry(Second, 3, finished: true));

        Assert.Empty(guarantees.FindViolations());
        Assert.Equal(1, guarantees.Repetitions);
    }

    [Fact]
    public void A_call_that_is_executed_again_after_its_outcome_was_settled_is_a_violation()
    {
        var guarantees = Judge(First, Entry(First, 1, finished: false), Entry(First, 2, finished: true), Entry(Second, 3, finished: false));

        Assert.Contains("executed after its outcome", Assert.Single(guarantees.FindViolations()), StringComparison.Ordinal);
    }

    [Fact]
    public void An_execution_that_nobody_intended_is_a_violation()
    {
        var guarantees = new Guarantees([], [Entry(First, 1, finished: false)]);

        Assert.Contains("without being on record", Assert.Single(guarantees.FindViolations()), StringComparison.Ordinal);
    }

    private static Guarantees Judge(Guid settled, params LedgerEntry[] ledger)
    {
        var events = $$$"""
            [{"created_at":0,"event":"ToolCallStarted","run_id":"r","tool":{"tool_call_id":"c","tool_name":"step"},"event_index":0},
            {"created_at":0,"event":"ToolCallSettled","tool":{"tool_call_id":"c","tool_name":"step","result":"1:{{{settled}}}"},"message":{"id":"m","role":"tool","created_at":0}}]
            """;
        return new Guarantees([new LoggedRun("r", "COMPLETED", null, JsonSerializer.Deserialize<RunEvent[]>(events, EngineJson.Options)!)], ledger);
    }

    private static LedgerEntry Entry(Guid attempt, int second, bool finished) =>
        new("r", "c", attempt, 1, finished, "silo", DateTime.UnixEpoch.AddSeconds(second));
}
