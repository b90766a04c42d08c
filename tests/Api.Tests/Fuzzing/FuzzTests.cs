namespace Cluster.Api.Tests.Fuzzing;

public sealed class FuzzTests
{
    [Fact]
    public async Task Whatever_is_sent_gets_a_clear_answer()
    {
        await using var api = await TestApi.StartOnNetworkAsync();

        var bad = await new Fuzzer(api.Client.BaseAddress!).RunAsync(2_000, TestApi.Stop);

        Assert.True(bad.Count == 0, string.Join('\n', bad));
    }
}
