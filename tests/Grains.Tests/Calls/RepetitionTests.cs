using System.Reflection;
using Cluster.Engine.Errors;
using Cluster.Grains.Interfaces.Runs;

namespace Cluster.Grains.Tests.Calls;

/// <summary>What becomes of calls that a silo takes along when it dies.</summary>
public sealed class RepetitionTests
{
    private static readonly Repetition Impatient = new([TimeSpan.Zero], TimeSpan.FromMinutes(1));
    private static readonly Repetition Patient = new([TimeSpan.FromMinutes(1)], TimeSpan.FromMinutes(1));
    private static readonly Repetition Hopeless = new([TimeSpan.Zero], TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>What callers get when a silo dies or stops, by how far their call had come.</summary>
    public static TheoryData<Exception> Losses =>
    [
        TurnedAway(),
        new SiloUnavailableException("the silo is gone"),
        new TimeoutException("no answer"),
        new OperationCanceledException("the silo stopped looking for the grain"),
        new TaskCanceledException("the same, in other words"),
        new ObjectDisposedException("connection"),
    ];

    /// <summary>Only the runtime makes these.</summary>
    private static Exception TurnedAway() =>
        (Exception)Activator.CreateInstance(typeof(OrleansMessageRejectionException), BindingFlags.Instance | BindingFlags.NonPublic, null, ["the silo is stopping"], null)!;

    [Theory]
    [MemberData(nameof(Losses), DisableDiscoveryEnumeration = true)]
    public async Task A_call_that_got_lost_is_made_again(Exception loss)
    {
        var calls = 0;

        var answer = await Patient.MakeAsync(() => ++calls == 1 ? Task.FromException<string>(loss) : Task.FromResult("there"), changes: null, TimeProvider.System, Stop);

        Assert.Equal(("there", 2), (answer, calls));
    }

    [Fact]
    public async Task A_call_that_was_cancelled_elsewhere_is_made_again()
    {
        var calls = 0;

        var answer = await Patient.MakeAsync(() => ++calls == 1 ? Task.FromCanceled<string>(new CancellationToken(canceled: true)) : Task.FromResult("there"), changes: null, TimeProvider.System, Stop);

        Assert.Equal("there", answer);
    }

    [Fact]
    public async Task A_call_that_is_never_answered_is_made_once_more_beside_it()
    {
        var never = new TaskCompletionSource<string>();
        var calls = 0;

        var answer = await Impatient.MakeAsync(() => ++calls == 1 ? never.Task : Task.FromResult("there"), changes: null, TimeProvider.System, Stop);

        Assert.Equal("there", answer);
    }

    [Fact]
    public async Task A_call_that_is_answered_late_counts_although_others_were_made_since()
    {
        var late = new TaskCompletionSource<string>();
        var calls = 0;

        var answer = await Impatient.MakeAsync(
            () =>
            {
                if (++calls == 3)
                {
                    late.SetResult("late");
                }

                return calls == 1 ? late.Task : new TaskCompletionSource<string>().Task;
            },
            changes: null,
            TimeProvider.System,
            Stop);

        Assert.Equal("late", answer);
    }

    [Fact]
    public async Task A_refusal_is_an_answer()
    {
        var calls = 0;

        await Assert.ThrowsAsync<ConflictException>(() => Patient.MakeAsync(
            () =>
            {
                calls++;
                return Task.FromException<string>(new ConflictException("The session is busy."));
            },
            changes: null,
            TimeProvider.System,
            Stop));

        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Whoever_leaves_is_not_waited_for()
    {
        using var left = new CancellationTokenSource();
        var waiting = Patient.MakeAsync(() => new TaskCompletionSource<string>().Task, changes: null, TimeProvider.System, left.Token);

        await left.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task A_cluster_that_never_answers_is_given_up()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => Hopeless.MakeAsync(() => new TaskCompletionSource<string>().Task, changes: null, TimeProvider.System, Stop));
        await Assert.ThrowsAsync<SiloUnavailableException>(
            () => Hopeless.MakeAsync(() => Task.FromException<string>(new SiloUnavailableException("gone")), changes: null, TimeProvider.System, Stop));
    }

    [Theory]
    [MemberData(nameof(Losses), DisableDiscoveryEnumeration = true)]
    public async Task A_call_that_must_not_arrive_twice_is_made_again_only_when_it_was_turned_away(Exception loss)
    {
        var calls = 0;
        var call = Patient.MakeOnceAsync(() => ++calls == 1 ? Task.FromException<string>(loss) : Task.FromResult("there"), TimeProvider.System, Stop);

        if (loss.GetType() == typeof(OrleansMessageRejectionException))
        {
            Assert.Equal("there", await call);
        }
        else
        {
            Assert.Same(loss, await Assert.ThrowsAnyAsync<Exception>(() => call));
            Assert.Equal(1, calls);
        }
    }

    [Theory]
    [MemberData(nameof(Losses), DisableDiscoveryEnumeration = true)]
    public async Task Whatever_keeps_a_call_from_arriving_is_told_as_a_cluster_that_does_not_answer(Exception loss)
    {
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => GrainCalls.MakeAsync(Task.FromException<string>(loss), Stop));

        Assert.True(failure.IsForCallers);
        Assert.Same(loss, failure.InnerException);
    }
}
