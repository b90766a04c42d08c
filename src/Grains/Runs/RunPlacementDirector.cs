using System.Security.Cryptography;
using Cluster.Engine.Runs;
using Cluster.Grains.Interfaces.Keys;
using Orleans.Runtime.Placement;

namespace Cluster.Grains.Runs;

/// <summary>
/// Finds the place of a run on the silo that calls it first. A run's id tells whether it is a member's, so a member that is taken up again, by whatever call
/// from wherever, does not land beside its leader either.
/// </summary>
internal sealed class RunPlacementDirector : IPlacementDirector
{
    private uint _dealt = (uint)RandomNumberGenerator.GetInt32(int.MaxValue);

    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        var local = context.LocalSilo;
        if (IPlacementDirector.GetPlacementHint(target.RequestContextData, silos) is { } hint)
        {
            return Task.FromResult(hint);
        }

        return Task.FromResult(
            IsMember(target.GrainIdentity) ? Deal(silos)
            : context.LocalSiloStatus == SiloStatus.Active && silos.Contains(local) ? local
            : silos[RandomNumberGenerator.GetInt32(silos.Length)]);
    }

    private static bool IsMember(GrainId run) => DerivedId.Is(RunKey.Parse(run.Key.ToString()!).RunId);

    /// <summary>One after the other, which spreads the members of a team more evenly than lots would.</summary>
    private SiloAddress Deal(SiloAddress[] silos)
    {
        var silo = Interlocked.Increment(ref _dealt) % (uint)silos.Length;
        return silos.Order().ElementAt((int)silo);
    }
}
