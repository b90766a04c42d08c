namespace Cluster.Engine.Guardrails;

/// <summary>Finds numbers of payment cards: 13 to 19 digits, possibly in groups, whose Luhn checksum is right.</summary>
internal static class CardNumbers
{
    private const int Shortest = 13;
    private const int Longest = 19;

    public static IEnumerable<Range> Find(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var digits = Digits(text, start);
            var next = start + 1;
            if (digits.Count >= Shortest)
            {
                foreach (var found in Find(text, digits))
                {
                    yield return found;
                }
            }

            start = digits.Count > 0 ? digits[^1] + 1 : next;
        }
    }

    /// <summary>Gives the places of the digits that follow one another with at most one separator between two.</summary>
    private static List<int> Digits(string text, int start)
    {
        var digits = new List<int>();
        for (var i = start; i < text.Length && char.IsAsciiDigit(text[i]); i++)
        {
            digits.Add(i);
            if (i + 2 < text.Length && IsSeparator(text[i + 1]) && char.IsAsciiDigit(text[i + 2]))
            {
                i++;
            }
        }

        return digits;
    }

    /// <summary>A number begins and ends where a group does: other digits may stand before and behind it.</summary>
    private static IEnumerable<Range> Find(string text, List<int> digits)
    {
        for (var first = 0; first + Shortest <= digits.Count; first++)
        {
            if (first > 0 && digits[first] == digits[first - 1] + 1)
            {
                continue;
            }

            for (var count = Math.Min(Longest, digits.Count - first); count >= Shortest; count--)
            {
                var last = first + count - 1;
                var endsGroup = last == digits.Count - 1 || digits[last + 1] > digits[last] + 1;
                if (endsGroup && text[digits[first]] is >= '1' and <= '6' && IsValid(text, digits, first, last))
                {
                    yield return digits[first]..(digits[last] + 1);
                    break;
                }
            }
        }
    }

    private static bool IsValid(string text, List<int> digits, int first, int last)
    {
        var sum = 0;
        for (var i = last; i >= first; i--)
        {
            var digit = text[digits[i]] - '0';
            var isDoubled = (last - i) % 2 == 1;
            sum += !isDoubled ? digit : digit > 4 ? (digit * 2) - 9 : digit * 2;
        }

        return sum % 10 == 0;
    }

    private static bool IsSeparator(char letter) => letter is ' ' or '-' or '.' or '\u00a0' or '\u2011' or '\u2013';
}
