using Cluster.Engine.Agents;
using Cluster.Engine.Limits;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Tests.Testing;
using Microsoft.Extensions.Options;

namespace Cluster.Engine.Tests.Limits;

public sealed class SettledRunTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public async Task Runs_that_settled_are_let_go_when_they_take_more_than_they_may()
    {
        await using var engine = new TestEngine(new Agent { Id = "agent", Name = "Agent" });
        var owners = NewOwners(engine);
        var small = await RunAsync(engine, owners, "a");

        var first = await RunAsync(engine, owners, new string('x', 3 * MiB));
        var second = await RunAsync(engine, owners, new string('x', 3 * MiB));

        Assert.Null(owners.Find(small));
        Assert.Null(owners.Find(first));
        Assert.NotNull(owners.Find(second));
        var events = await owners.ReadAsync(first, -1, Patience.Token).ToListAsync(Patience.Token);
        Assert.Equal(3 * MiB, Assert.IsType<RunCompleted>(events[^1]).Content!.Text!.Length);
    }

    [Fact]
    public async Task Runs_that_settled_and_are_small_stay_at_hand()
    {
        await using var engine = new TestEngine(new Agent { Id = "agent", Name = "Agent" });
        var owners = NewOwners(engine);
        var runs = new List<string>();

        for (var count = 0; count < 20; count++)
        {
            runs.Add(await RunAsync(engine, owners, "a"));
        }

        Assert.All(runs, runId => Assert.NotNull(owners.Find(runId)));
    }

    [Fact]
    public async Task A_cursor_beyond_the_end_of_a_run_on_record_reads_its_outcome_only()
    {
        await using var engine = new TestEngine(new Agent { Id = "agent", Name = "Agent" });
        var runId = await RunAsync(engine, NewOwners(engine), "a");

        var events = await NewOwners(engine).ReadAsync(runId, long.MaxValue, Patience.Token).ToListAsync(Patience.Token);

        Assert.IsType<RunCompleted>(Assert.Single(events));
    }

    private static RunOwners NewOwners(TestEngine engine) => new(engine.Services)
    {
        Logs = new SharedRunLogs(engine.Store, engine.Store, Options.Create(new MemoryOptions()), engine.Time),
        Settled = new SettledRuns { Limit = 16 * MiB },
    };

    private static async Task<string> RunAsync(TestEngine engine, RunOwners owners, string answer)
    {
        var request = engine.NewRequest();
        var accepted = new RunAccepted(request) { CreatedAt = engine.Time.GetUtcNow().ToUnixTimeSeconds() };
        var state = RunState.Empty.Apply(accepted);
        await engine.Store.AcceptAsync(new RunAcceptance(accepted, state.Output, new SessionRecord { SessionId = request.SessionId }));
        engine.Model.Answer(answer);
        var owner = owners.Own(state);
        await owner.TurnAsync();
        owners.Release(owner);
        return request.RunId;
    }
}
