using Cluster.Grains.Interfaces.Streams;

namespace Cluster.Grains.Tests.Streams;

public sealed class StreamBacklogTests
{
    [Fact]
    public void The_oldest_go_when_there_are_too_many_messages()
    {
        var backlog = new StreamBacklog(capacity: 2, capacityBytes: 100);

        Add(backlog, 1, 2, 3);

        Assert.Equal([2, 3], Take(backlog, 10));
        Assert.Equal(1, backlog.Dropped);
    }

    [Fact]
    public void The_oldest_go_when_there_are_too_many_bytes()
    {
        var backlog = new StreamBacklog(capacity: 100, capacityBytes: 8);

        Add(backlog, 3, 4, 2, 2);

        Assert.Equal([4, 2, 2], Take(backlog, 10));
    }

    [Fact]
    public void A_message_larger_than_the_backlog_drops_only_itself()
    {
        var backlog = new StreamBacklog(capacity: 100, capacityBytes: 8);

        Add(backlog, 3, 9, 4);

        Assert.Equal([3, 4], Take(backlog, 10));
        Assert.Equal(1, backlog.Dropped);
    }

    [Fact]
    public void What_is_taken_at_once_is_bounded_in_number_and_bytes()
    {
        var backlog = new StreamBacklog(capacity: 100, capacityBytes: long.MaxValue);

        Add(backlog, 1, 2, 1_100_000, 4);

        Assert.Equal([1], Take(backlog, 1));
        Assert.Equal([2, 1_100_000], Take(backlog, 10));
        Assert.Equal([4], Take(backlog, 10));
        Assert.True(backlog.IsEmpty);
    }

    private static void Add(StreamBacklog backlog, params int[] sizes)
    {
        foreach (var size in sizes)
        {
            backlog.Add(new StreamMessage(StreamId.Create("test", "backlog"), new byte[size]));
        }
    }

    private static IEnumerable<int> Take(StreamBacklog backlog, int max) => backlog.Take(max).Select(message => message.Items.Length);
}
