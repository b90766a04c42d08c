namespace Cluster.Gateway.Tests.Recordings;

public sealed class SiloReplayTests(ReferenceSilos silos) : IClassFixture<ReferenceSilos>
{
    [Theory]
    [MemberData(nameof(Stage.Scenarios), MemberType = typeof(Stage))]
    public Task Two_silos_in_this_process_answer_as_was_recorded(string scenario) => silos.Stage.PlayAsync(scenario);
}
