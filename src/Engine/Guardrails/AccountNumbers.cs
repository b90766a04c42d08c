using System.Collections.Frozen;

namespace Cluster.Engine.Guardrails;

/// <summary>Finds international bank account numbers (ISO 13616): a country, its length, and a checksum that is right.</summary>
internal static class AccountNumbers
{
    private const int PrefixLength = 4;
    private const int Modulus = 97;

    private static readonly FrozenDictionary<string, int> Lengths = (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 "
        + "GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 "
        + "PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30")
        .Split(' ').ToFrozenDictionary(entry => entry[..2], entry => int.Parse(entry[2..], System.Globalization.CultureInfo.InvariantCulture), StringComparer.OrdinalIgnoreCase);

    public static IEnumerable<Range> Find(string text)
    {
        for (var start = 0; start + PrefixLength <= text.Length; start++)
        {
            if (Begins(text, start) && Lengths.TryGetValue(text.Substring(start, 2), out var length) && Places(text, start, length) is { } places && IsValid(text, places))
            {
                yield return start..(places[^1] + 1);
                start = places[^1];
            }
        }
    }

    private static bool Begins(string text, int start) =>
        char.IsAsciiLetter(text[start]) && char.IsAsciiLetter(text[start + 1]) && char.IsAsciiDigit(text[start + 2]) && (start == 0 || !char.IsAsciiLetterOrDigit(text[start - 1]));

    /// <summary>Gives the places of the letters and digits, with at most one separator between two; null when there are too few, or more of the same word.</summary>
    private static List<int>? Places(string text, int start, int length)
    {
        var places = new List<int>(length);
        for (var i = start; i < text.Length && places.Count < length; i++)
        {
            if (char.IsAsciiLetterOrDigit(text[i]))
            {
                places.Add(i);
            }
            else if (text[i] is not (' ' or '-' or '\u00a0') || !char.IsAsciiLetterOrDigit(text[i - 1]))
            {
                return null;
            }
        }

        var isWhole = places.Count == length && (places[^1] + 1 == text.Length || !char.IsAsciiLetterOrDigit(text[places[^1] + 1]));
        return isWhole ? places : null;
    }

    /// <summary>ISO 7064: the first four move to the end, letters count from 10, and the rest of the division is 1.</summary>
    private static bool IsValid(string text, List<int> places)
    {
        var rest = 0;
        foreach (var place in places.Skip(PrefixLength).Concat(places.Take(PrefixLength)))
        {
            var letter = char.ToUpperInvariant(text[place]);
            rest = char.IsAsciiDigit(letter) ? ((rest * 10) + letter - '0') % Modulus : ((rest * 100) + letter - 'A' + 10) % Modulus;
        }

        return rest == 1;
    }
}
