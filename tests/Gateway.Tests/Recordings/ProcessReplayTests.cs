namespace Cluster.Gateway.Tests.Recordings;

public sealed class ProcessReplayTests(ReferenceProcesses processes) : IClassFixture<ReferenceProcesses>
{
    [Theory]
    [MemberData(nameof(Stage.Scenarios), MemberType = typeof(Stage))]
    public Task Silos_and_gateway_in_processes_of_their_own_answer_as_was_recorded(string scenario) => processes.Stage.PlayAsync(scenario);
}
