using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace Cluster.Api.Validation;

/// <summary>JSON with a value that nothing can work with.</summary>
[SuppressMessage("Design", "CA1064:Exceptions should be public", Justification = "It never leaves the assembly: the fields turn it into a refusal.")]
internal sealed class BrokenJsonException : Exception
{
    private readonly string _type;

    private BrokenJsonException(string type, string message, IReadOnlyList<object> path)
        : base(message) => (_type, Path) = (type, path);

    /// <summary>Gets the members and places that lead to the value; empty when the bytes as a whole are not UTF-8.</summary>
    public IReadOnlyList<object> Path { get; }

    public static BrokenJsonException Text(IReadOnlyList<object> path) =>
        new("string_unicode", "Input should be a valid string, unable to parse raw data as a unicode string", path);

    public static BrokenJsonException Number(IReadOnlyList<object> path) => new("finite_number", "Input should be a finite number", path);

    /// <summary>Makes a refusal of it, which does not repeat what cannot be repeated.</summary>
    /// <param name="start">Where the JSON stands.</param>
    public ValidationItem ToItem(params ReadOnlySpan<string> start)
    {
        var loc = ValidationItem.ToLoc(start);
        foreach (var part in Path)
        {
            loc.Add(part is int place ? JsonValue.Create(place) : JsonValue.Create((string)part));
        }

        return new ValidationItem(_type, loc, Message);
    }
}
