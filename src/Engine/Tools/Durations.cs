using Cluster.Engine.Errors;

namespace Cluster.Engine.Tools;

/// <summary>Refuses durations with which a setting would mean something else than it says: no time at all, less than that, or more than a timer can count.</summary>
public static class Durations
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    /// <summary>Checks a time limit. <see cref="Timeout.InfiniteTimeSpan"/> is none.</summary>
    /// <param name="value">The limit; null for none.</param>
    /// <param name="name">The setting.</param>
    /// <returns>The same <paramref name="value"/>.</returns>
    /// <exception cref="InvalidRequestException">It is zero or less, or longer than 49 days.</exception>
    public static TimeSpan? Limit(TimeSpan? value, string name) => value == Timeout.InfiniteTimeSpan ? value : Positive(value, name);

    /// <inheritdoc cref="Limit(TimeSpan?, string)"/>
    public static TimeSpan Limit(TimeSpan value, string name) => Limit((TimeSpan?)value, name)!.Value;

    /// <summary>Checks how long something holds.</summary>
    /// <param name="value">The duration; null for none.</param>
    /// <param name="name">The setting.</param>
    /// <returns>The same <paramref name="value"/>.</returns>
    /// <exception cref="InvalidRequestException">It is zero or less, or longer than 49 days.</exception>
    public static TimeSpan? Positive(TimeSpan? value, string name) => value switch
    {
        { Ticks: <= 0 } => throw new InvalidRequestException($"{name} is {value}. Set a duration above zero, or leave it out."),
        { } length when length > Longest => throw new InvalidRequestException($"{name} is {value}. Set a duration of at most 49 days."),
        _ => value,
    };

    /// <inheritdoc cref="Positive(TimeSpan?, string)"/>
    public static TimeSpan Positive(TimeSpan value, string name) => Positive((TimeSpan?)value, name)!.Value;

    /// <summary>Checks a pause, which may be none.</summary>
    /// <param name="value">The pause.</param>
    /// <param name="name">The setting.</param>
    /// <returns>The same <paramref name="value"/>.</returns>
    /// <exception cref="InvalidRequestException">It is less than zero, or longer than 49 days.</exception>
    public static TimeSpan Pause(TimeSpan value, string name) => value == TimeSpan.Zero ? value : Positive(value, name);
}
