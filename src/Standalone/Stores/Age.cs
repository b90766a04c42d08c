using System.Globalization;

namespace Cluster.Standalone.Stores;

/// <summary>Ages as people write them.</summary>
internal static class Age
{
    private const int LongestDays = 36_500;

    /// <summary>Reads an age.</summary>
    /// <param name="text">A number and <c>w</c>, <c>d</c>, <c>h</c>, <c>m</c> or <c>s</c>.</param>
    /// <param name="age">The age.</param>
    /// <returns>True when it is one, of a hundred years at most.</returns>
    public static bool TryParse(string? text, out TimeSpan age)
    {
        age = default;
        if (text is not [.. var digits, var unit] || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || SecondsOf(unit) is not { } seconds)
        {
            return false;
        }

        var days = (double)count * seconds / 86_400;
        age = days <= LongestDays ? TimeSpan.FromDays(days) : default;
        return days <= LongestDays;
    }

    private static int? SecondsOf(char unit) => unit switch
    {
        'w' => 604_800,
        'd' => 86_400,
        'h' => 3_600,
        'm' => 60,
        's' => 1,
        _ => null,
    };
}
