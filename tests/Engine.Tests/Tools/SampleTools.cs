using System.ComponentModel;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Tools;

/// <summary>Methods as users write them.</summary>
public static class SampleTools
{
    public enum Unit
    {
        Celsius,
        Kelvin,
    }

    /// <summary>Tells the weather of a city.</summary>
    /// <param name="city">The city's
    /// name.</param>
    /// <param name="unit">The unit.</param>
    public static string GetWeather(string city, Unit unit = Unit.Celsius) => $"{city} in {unit}";

    /// <summary>The XML says so.</summary>
    /// <param name="text">The XML's text.</param>
    [Description("The attribute says so.")]
    public static string Described([Description("The attribute's text.")] string text) => text;

    /// <summary>Overload of one.</summary>
    /// <param name="a">One's a.</param>
    public static string Overloaded(int a) => $"one {a}";

    /// <summary>Overload of two.</summary>
    /// <param name="a">Two's a.</param>
    /// <param name="b">Two's b.</param>
    public static string Overloaded(string a, int b) => $"two {a}{b}";

    public static string Undocumented(string text) => text;

    public static async Task<Place> FindPlaceAsync(Place near, RunContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(near);
        ArgumentNullException.ThrowIfNull(context);
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        return near with { Name = $"{near.Name} for {context.UserId}" };
    }

    public sealed record Place(string Name, IReadOnlyList<double> At);
}
