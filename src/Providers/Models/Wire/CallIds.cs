using System.Security.Cryptography;
using System.Text;

namespace Cluster.Providers.Models.Wire;

/// <summary>Which ids of tool calls a vendor takes.</summary>
internal enum CallIdRule
{
    /// <summary>Whatever its models give, other models gave, or the engine made.</summary>
    Any,

    /// <summary>OpenAI: at most 40 letters.</summary>
    UpTo40,

    /// <summary>Mistral: nine letters or digits.</summary>
    Nine,

    /// <summary>Anthropic: at most 64 letters, digits, dashes and underscores.</summary>
    Plain64,
}

/// <summary>
/// Gives the calls of a conversation ids that a vendor takes. An id that it takes stays; another becomes a hash of itself, so that a conversation that grows keeps its ids, and
/// no two calls get the same.
/// </summary>
/// <param name="rule">What the vendor takes.</param>
internal sealed class CallIds(CallIdRule rule)
{
    private const string Letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>Proxies keep a signature of Google in the id and look for it there.</summary>
    private const string SignatureMark = "__thought__";

    private readonly Dictionary<string, string> _written = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>Gives the id that stands for one.</summary>
    /// <param name="id">The id of a call or of its result.</param>
    public string Of(string id)
    {
        if (rule == CallIdRule.Any)
        {
            return id;
        }

        if (_written.TryGetValue(id, out var known))
        {
            return known;
        }

        var candidate = IsFit(id) ? id : Hash(id);
        for (var attempt = 1; !_taken.Add(candidate); attempt++)
        {
            candidate = Hash($"{id}/{attempt}");
        }

        return _written[id] = candidate;
    }

    private bool IsFit(string id) => rule switch
    {
        CallIdRule.UpTo40 => id.Length is > 0 and <= 40 || id.Contains(SignatureMark, StringComparison.Ordinal),
        CallIdRule.Nine => id.Length == 9 && id.All(char.IsAsciiLetterOrDigit),
        _ => id.Length is > 0 and <= 64 && id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'),
    };

    private string Hash(string id)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(id));
        return rule == CallIdRule.Nine
            ? string.Concat(hash.Take(9).Select(part => Letters[part % Letters.Length]))
            : "call_" + Convert.ToHexStringLower(hash)[..32];
    }
}
