using Cluster.Engine.Errors;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Sessions;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Grains.Interfaces.Runs;

/// <summary>
/// Calls grains for those who are not grains themselves: makes a call again that got lost with a silo, so that nobody notices, and puts into the engine's words
/// what keeps it from arriving all the same.
/// </summary>
/// <param name="grains">Where the grains are.</param>
/// <param name="changes">Tells when silos came or went.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class GrainCalls(IGrainFactory grains, MemberChanges changes, [FromKeyedServices(ClusterClock.Key)] TimeProvider timeProvider)
{
    /// <summary>
    /// A client does not hear that a silo died with its call. So what is not answered soon is asked once more beside the first call, and whichever is answered
    /// first counts; that is done at once when silos came or went. The pauses grow, so that a cluster that is merely slow gets few calls more.
    /// </summary>
    private static readonly Repetition Insistence = new([TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(8)], TimeSpan.FromSeconds(15));

    private readonly GrainKind<IRunGrain> _runs = new(grains);
    private readonly GrainKind<ISessionGrain> _sessions = new(grains);

    /// <summary>Gives the grain of a run.</summary>
    public IRunGrain Run(string runId) => _runs.Get(new RunKey(Tenants.Default, runId).ToString());

    /// <summary>Gives the grain of a session.</summary>
    public ISessionGrain Session(string sessionId) => _sessions.Get(new SessionKey(Tenants.Default, sessionId).ToString());

    /// <summary>Makes a call that may arrive several times, and does not give up before a cluster that lost a silo had the time to go on.</summary>
    /// <typeparam name="TResult">What it yields.</typeparam>
    /// <param name="call">Makes the call. Two may be under way at once.</param>
    /// <param name="cancellationToken">Stops waiting; calls may arrive all the same.</param>
    /// <returns>The result.</returns>
    /// <exception cref="UnavailableException">No call arrived, or no answer did.</exception>
    public Task<TResult> RepeatAsync<TResult>(Func<Task<TResult>> call, CancellationToken cancellationToken) =>
        MakeAsync(Insistence.MakeAsync(call, changes, timeProvider, cancellationToken), cancellationToken);

    /// <summary>Makes a call that may arrive several times and yields nothing.</summary>
    /// <param name="call">Makes the call.</param>
    /// <param name="cancellationToken">Stops waiting; calls may arrive all the same.</param>
    /// <returns>A task that ends when one call has ended.</returns>
    /// <exception cref="UnavailableException">No call arrived, or no answer did.</exception>
    public Task RepeatAsync(Func<Task> call, CancellationToken cancellationToken) => RepeatAsync(() => AnswerAsync(call()), cancellationToken);

    /// <summary>Makes a call that must not arrive twice: it is made again only when it surely did not arrive.</summary>
    /// <typeparam name="TResult">What it yields.</typeparam>
    /// <param name="call">Makes the call.</param>
    /// <param name="cancellationToken">Stops waiting; the call may arrive all the same.</param>
    /// <returns>The result.</returns>
    /// <exception cref="UnavailableException">The call did not arrive, or its answer did not.</exception>
    public Task<TResult> OnceAsync<TResult>(Func<Task<TResult>> call, CancellationToken cancellationToken) =>
        MakeAsync(Insistence.MakeOnceAsync(call, timeProvider, cancellationToken), cancellationToken);

    /// <summary>Makes a call.</summary>
    /// <typeparam name="TResult">What it yields.</typeparam>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Stops waiting; the call may arrive all the same.</param>
    /// <returns>The result.</returns>
    /// <exception cref="UnavailableException">The call did not arrive, or its answer did not.</exception>
    public static async Task<TResult> MakeAsync<TResult>(Task<TResult> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call.WaitAsync(cancellationToken);
        }
        catch (Exception failure) when (IsOutOfReach(failure) && !cancellationToken.IsCancellationRequested)
        {
            throw new UnavailableException("The cluster did not answer. Try again in a moment; a repeated request with the same Idempotency-Key starts nothing twice.", failure)
            {
                IsForCallers = true,
            };
        }
    }

    /// <summary>Makes a call that yields nothing.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Stops waiting; the call may arrive all the same.</param>
    /// <returns>A task that ends with the call.</returns>
    /// <exception cref="UnavailableException">The call did not arrive, or its answer did not.</exception>
    public static Task MakeAsync(Task call, CancellationToken cancellationToken) => MakeAsync(AnswerAsync(call), cancellationToken);

    /// <summary>
    /// Tells whether a call failed on its way, which says nothing about what it asked for. A silo that dies or stops while it looks for a grain cancels its
    /// search, and that is what the caller gets: whoever cancels calls of its own has to ask for that first.
    /// </summary>
    public static bool IsOutOfReach(Exception failure) => failure is OrleansException or TimeoutException or ObjectDisposedException or OperationCanceledException;

    private static async Task<bool> AnswerAsync(Task call)
    {
        await call;
        return true;
    }
}
