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

    [Theory]
    [InlineData(100, 384, false)]
    [InlineData(130, 384, true)]
    [InlineData(2_000, 24_000, false)]
    public void A_process_at_work_is_looked_through_when_its_heap_has_a_third_of_what_it_may(int held, int available, bool isLarge) =>
        Assert.Equal(isLarge, IdleMemory.IsLarge(held * MiB, available * MiB));
}
