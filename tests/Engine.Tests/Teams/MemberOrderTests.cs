using Cluster.Engine.Runs;
using Cluster.Engine.Teams;
using Cluster.Engine.Tests.Testing;

namespace Cluster.Engine.Tests.Teams;

public sealed class MemberOrderTests
{
    [Fact]
    public async Task Members_stand_in_the_order_in_which_they_were_engaged_at_every_depth_now_and_later()
    {
        string[] names = ["Ann", "Bob", "Cid", "Dan", "Eve"];
        var inner = TestTeams.Of(TestTeams.Broadcasting("inner"), [.. names.Select(name => TestTeams.Member(name, name))]) with { Name = "Inner", Mode = TeamMode.Broadcast };
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("{result}", "inner"), inner));

        var events = await engine.StreamAsync("Go");
        var told = Assert.Single(((RunCompleted)events[^1]).MemberResponses!.Value);
        var later = Assert.Single((await new MemberResponses(engine.Store).AttachAsync((await engine.Host.FindAsync(events.OfType<RunStarted>().First().RunId!, Patience.Token))!.Output, Patience.Token)).MemberResponses!.Value);

        Assert.Equal(names, told.MemberResponses!.Value.Select(member => member.AgentName));
        Assert.Equal(names, later.MemberResponses!.Value.Select(member => member.AgentName));
        Assert.All([told, later], member => Assert.Null(member.MemberRuns));
    }
}
