using System.ComponentModel;
using System.Globalization;
using Cluster.Engine.Errors;

namespace Cluster.Providers.Toolkits.Csv;

/// <summary>A condition on the rows of a file.</summary>
/// <param name="Column">The column.</param>
/// <param name="Comparison">How its value is compared.</param>
/// <param name="Value">What it is compared with.</param>
internal sealed record CsvFilter(
    [property: Description("The column.")] string Column,
    [property: Description("One of =, !=, <, <=, >, >=, contains, starts_with. Numbers are compared as numbers, everything else as text without regard to case.")] string Comparison,
    [property: Description("The value to compare with.")] string Value)
{
    private static readonly string[] Known = ["=", "!=", "<", "<=", ">", ">=", "contains", "starts_with"];

    /// <summary>Refuses a comparison that nobody knows.</summary>
    public CsvFilter Checked() => Known.Contains(Comparison, StringComparer.Ordinal)
        ? this
        : throw new InvalidRequestException($"'{Comparison}' is no comparison. Use one of {string.Join(", ", Known)}.");

    public bool Fits(string value) => Comparison switch
    {
        "=" => Compare(value) == 0,
        "!=" => Compare(value) != 0,
        "<" => Compare(value) < 0,
        "<=" => Compare(value) <= 0,
        ">" => Compare(value) > 0,
        ">=" => Compare(value) >= 0,
        "contains" => value.Contains(Value, StringComparison.OrdinalIgnoreCase),
        _ => value.StartsWith(Value, StringComparison.OrdinalIgnoreCase),
    };

    private int Compare(string value) =>
        decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var left) && decimal.TryParse(Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var right)
            ? left.CompareTo(right)
            : string.Compare(value, Value, StringComparison.OrdinalIgnoreCase);
}
