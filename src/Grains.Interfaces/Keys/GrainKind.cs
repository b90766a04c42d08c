namespace Cluster.Grains.Interfaces.Keys;

/// <summary>
/// Gives the grains of one kind. The factory reads the attributes of the interface again for every grain; here they are read for the first one only.
/// </summary>
/// <typeparam name="TGrain">The interface of the kind.</typeparam>
/// <param name="grains">Where the grains are.</param>
public sealed class GrainKind<TGrain>(IGrainFactory grains)
    where TGrain : IGrainWithStringKey
{
    private GrainReference? _first;

    /// <summary>Gives a grain.</summary>
    /// <param name="key">Its key.</param>
    /// <returns>The grain.</returns>
    public TGrain Get(string key)
    {
        var known = _first ??= (GrainReference)(object)grains.GetGrain<TGrain>(key);
        return (TGrain)grains.GetGrain(GrainId.Create(known.GrainId.Type, key), known.InterfaceType);
    }
}
