using Cluster.Engine.Runs;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Runs;
using Microsoft.Extensions.Options;
using Orleans.Streams;

namespace Cluster.Grains.Runs;

/// <summary>What the grains of runs work with.</summary>
/// <param name="Owners">What owners work with.</param>
/// <param name="Records">Knows runs that nobody owns.</param>
/// <param name="Admission">Checks what humans decide.</param>
/// <param name="Work">Works in the background.</param>
/// <param name="Succession">Has runs taken up that nobody works on.</param>
/// <param name="Runs">Where leaders are.</param>
/// <param name="Followed">The members that leaders on this silo follow.</param>
/// <param name="Options">How grains end.</param>
internal sealed record RunGrainServices(
    RunOwnerServices Owners,
    IRunRecords Records,
    RunAdmission Admission,
    RunWork Work,
    RunSuccession Succession,
    GrainKind<IRunGrain> Runs,
    FollowedRuns Followed,
    IOptions<RunGrainOptions> Options)
{
    /// <summary>Gives the watchers of one run: nobody yet.</summary>
    public RunWatchers NewWatchers(IStreamProvider streams) => new(new NewsLines(streams, Runs), Owners.TimeProvider, Owners.Logger);

    /// <summary>Gives who owns one run: nobody yet.</summary>
    public RunPossession NewPossession(string runId, Action<RunOwner> owned) => new(runId, Owners, Admission, owned);

    /// <summary>Gives what ends the work of one activation.</summary>
    public RunDeparture NewDeparture() => new(Options.Value.HandOver, Owners.TimeProvider);
}
