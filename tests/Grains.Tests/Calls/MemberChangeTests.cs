using Cluster.Grains.Interfaces.Runs;

namespace Cluster.Grains.Tests.Calls;

/// <summary>What becomes of calls that wait when silos come or go.</summary>
public sealed class MemberChangeTests
{
    /// <summary>So long that a test would never end that waits for it.</summary>
    private static readonly Repetition Patient = new([TimeSpan.FromHours(1)], TimeSpan.FromHours(2));

    private readonly MemberChanges _changes = new();
    private readonly List<TaskCompletionSource<string>> _asked = [];
    private readonly Lock _lock = new();
    private TaskCompletionSource _another = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task A_question_that_waits_is_asked_again_when_silos_came_or_went()
    {
        var answer = Patient.MakeAsync(AskAsync, _changes, TimeProvider.System, TestContext.Current.CancellationToken);
        await AskedAsync(1);

        _changes.Announce();
        await AskedAsync(2);
        _asked[1].SetResult("here");

        Assert.Equal("here", await answer);
    }

    [Fact]
    public async Task After_a_change_it_is_asked_twice_because_the_way_to_a_silo_that_is_gone_may_be_taken_once_more()
    {
        var answer = Patient.MakeAsync(AskAsync, _changes, TimeProvider.System, TestContext.Current.CancellationToken);
        await AskedAsync(1);

        _changes.Announce();
        await AskedAsync(3);
        _asked[2].SetResult("at last");

        Assert.Equal("at last", await answer);
    }

    [Fact]
    public async Task The_first_answer_counts_also_when_the_question_was_asked_again()
    {
        var answer = Patient.MakeAsync(AskAsync, _changes, TimeProvider.System, TestContext.Current.CancellationToken);
        await AskedAsync(1);

        _changes.Announce();
        await AskedAsync(2);
        _asked[0].SetResult("late");

        Assert.Equal("late", await answer);
    }

    private Task<string> AskAsync()
    {
        lock (_lock)
        {
            var question = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _asked.Add(question);
            _another.TrySetResult();
            return question.Task;
        }
    }

    /// <summary>Waits until the question was asked so often.</summary>
    private async Task AskedAsync(int times)
    {
        while (true)
        {
            Task another;
            lock (_lock)
            {
                if (_asked.Count >= times)
                {
                    return;
                }

                _another = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                another = _another.Task;
            }

            await another.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }
    }
}
