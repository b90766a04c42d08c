using System.Text.RegularExpressions;

namespace Cluster.Contract.Tests.Replay;

/// <summary>Which of our ids stands for which recorded one. Both directions are unique, so ids that were the same thing must stay the same thing.</summary>
internal sealed partial class IdMap
{
    private readonly Dictionary<string, string> _ours = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _recorded = new(StringComparer.Ordinal);

    public static bool IsId(string text) => Id().Match(text) is { Success: true } match && match.Length == text.Length;

    /// <summary>Replaces the ids in a text by a sign that is the same for all of them.</summary>
    public static string Mask(string text) => Id().Replace(text, "<id>");

    /// <summary>Takes note that one of our ids stands for a recorded one.</summary>
    /// <returns>False when one of the two stands for another id already.</returns>
    public bool Learn(string recorded, string ours)
    {
        _ours.TryAdd(recorded, ours);
        _recorded.TryAdd(ours, recorded);
        return _ours[recorded] == ours && _recorded[ours] == recorded;
    }

    /// <summary>Puts our ids in the place of the recorded ones.</summary>
    public string Translate(string text) => Id().Replace(text, match => _ours.GetValueOrDefault(match.Value, match.Value));

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|call_[0-9a-f]{24}")]
    private static partial Regex Id();
}
