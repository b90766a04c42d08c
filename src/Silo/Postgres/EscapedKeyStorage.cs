using Orleans.Storage;

namespace Cluster.Silo.Postgres;

/// <summary>
/// Keeps braces out of the keys that the provider sees: it takes a key for a format string when it reports a write, and fails on a brace although the row
/// was written. Ids of sessions come from clients, who may put braces into them.
/// </summary>
/// <param name="storage">The provider.</param>
internal sealed class EscapedKeyStorage(AdoNetGrainStorage storage) : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        storage.ReadStateAsync(stateName, Escape(grainId), grainState, cancellationToken);

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        storage.WriteStateAsync(stateName, Escape(grainId), grainState, cancellationToken);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        storage.ClearStateAsync(stateName, Escape(grainId), grainState, cancellationToken);

    public void Participate(ISiloLifecycle lifecycle) => storage.Participate(lifecycle);

    /// <summary>The percent sign is escaped too, so that no two keys become one.</summary>
    private static GrainId Escape(GrainId grainId)
    {
        var key = grainId.Key.ToString()!;
        return key.AsSpan().IndexOfAny('{', '}', '%') < 0
            ? grainId
            : GrainId.Create(
                grainId.Type,
                key.Replace("%", "%25", StringComparison.Ordinal).Replace("{", "%7B", StringComparison.Ordinal).Replace("}", "%7D", StringComparison.Ordinal));
    }
}
