using Cluster.Engine.Errors;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Sessions;

namespace Cluster.Grains.Interfaces.Runs;

/// <summary>Calls the grains of runs and sessions, and puts into the engine's words what keeps a call from arriving.</summary>
/// <param name="grains">Where the grains are.</param>
internal sealed class GrainCalls(IGrainFactory grains)
{
    private readonly GrainKind<IRunGrain> _runs = new(grains);
    private readonly GrainKind<ISessionGrain> _sessions = new(grains);

    /// <summary>Gives the grain of a run.</summary>
    public IRunGrain Run(string runId) => _runs.Get(new RunKey(Tenants.Default, runId).ToString());

    /// <summary>Gives the grain of a session.</summary>
    public ISessionGrain Session(string sessionId) => _sessions.Get(new SessionKey(Tenants.Default, sessionId).ToString());

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
        catch (Exception failure) when (IsOutOfReach(failure))
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

    /// <summary>Tells whether a call failed on its way, which says nothing about what it asked for.</summary>
    public static bool IsOutOfReach(Exception failure) => failure is OrleansException or TimeoutException or ObjectDisposedException;

    private static async Task<bool> AnswerAsync(Task call)
    {
        await call;
        return true;
    }
}
