namespace Cluster.Hosting.Tests;

public sealed class IdleMemoryTests
{
    private const long MiB = 1024 * 1024;

    [Theory]
    [InlineData(0.5, 900, 0, true)]
    [InlineData(0.5, 900, 150, true)]
    [InlineData(0.5, 60, 0, false)]
    [InlineData(0.5, 200, 150, false)]
    [InlineData(0.5, 700, 500, false)]
    [InlineData(10, 900, 0, false)]
    public void Memory_is_given_back_by_a_quiet_process_that_holds_much_more_than_it_needed(double usedSeconds, long held, long kept, bool isDue) =>
        Assert.Equal(isDue, IdleMemory.IsDue(TimeSpan.FromSeconds(usedSeconds), held * MiB, kept * MiB));
}
