using Cluster.Gateway.Tests.Recordings;

namespace Cluster.Tests.Recordings;

public sealed class ProcessReplayTests(ReferenceCluster cluster) : IClassFixture<ReferenceCluster>
{
    [Theory]
    [MemberData(nameof(Stage.Scenarios), MemberType = typeof(Stage))]
    public Task Silos_and_gateway_in_processes_of_their_own_answer_as_was_recorded(string scenario) => cluster.Stage.PlayAsync(scenario);
}
