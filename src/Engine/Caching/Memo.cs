namespace Cluster.Engine.Caching;

/// <summary>
/// What follows from the other members of a record, worked out once. It is no part of what the record is: comparisons leave it out, and a copy, whose members
/// may differ, works it out for itself.
/// </summary>
/// <typeparam name="T">What is worked out.</typeparam>
internal struct Memo<T> : IEquatable<Memo<T>>
{
    private Entry? _entry;

    /// <summary>Gives the value.</summary>
    /// <param name="owner">The record.</param>
    /// <param name="workOut">Works it out, always the same for the same record.</param>
    public T Of<TOwner>(TOwner owner, Func<TOwner, T> workOut)
        where TOwner : class
    {
        if (_entry is { } known && ReferenceEquals(known.Owner, owner))
        {
            return known.Value;
        }

        var value = workOut(owner);
        _entry = new Entry(owner, value);
        return value;
    }

    /// <inheritdoc/>
    public readonly bool Equals(Memo<T> other) => true;

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is Memo<T>;

    /// <inheritdoc/>
    public override readonly int GetHashCode() => 0;

    private sealed record Entry(object Owner, T Value);
}
