namespace Cluster.Storage.Embedded;

/// <summary>Something that the writer has changed and nobody sees yet.</summary>
internal interface IStaged
{
    /// <summary>Shows the change, which is durable now.</summary>
    void Publish();

    /// <summary>Takes the change back, which could not be written.</summary>
    void Discard();
}

/// <summary>A value that readers see as it is on disk and the writer as it will be after the batch at hand. Readers never wait.</summary>
/// <typeparam name="T">An immutable type.</typeparam>
internal sealed class Versioned<T> : IStaged
    where T : class
{
    private volatile T? _published;
    private T? _staged;

    /// <summary>Gets the value on disk; null when the first one is not there yet.</summary>
    public T? Published => _published;

    /// <summary>Gets the value after the batch at hand. Only the writer may ask.</summary>
    public T? Latest => _staged ?? _published;

    /// <summary>Gets a value indicating whether the batch at hand changes it.</summary>
    public bool IsStaged => _staged is not null;

    public void Stage(T value) => _staged = value;

    /// <summary>Replaces the value at once by one that means the same.</summary>
    public void Replace(T value) => _published = value;

    public void Publish()
    {
        _published = _staged ?? _published;
        _staged = null;
    }

    public void Discard() => _staged = null;
}
