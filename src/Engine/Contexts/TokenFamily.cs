namespace Cluster.Engine.Contexts;

/// <summary>
/// How the tokenizers of a family cut text, as weights of what a scan of the text counts. The first two were fitted to the published vocabularies with 234
/// texts of 1,500 characters (English prose, C# and Python, JSON, fifteen languages): half of the estimates are within 3 %, 95 % within 14 %; English, code and
/// JSON within 10 %. Single languages are further off: Italian and Polish up to 20 % too low, French up to 16 % too high, traditional Chinese up to 25 % too
/// low. The other families have no published vocabulary at hand: their weights are these, scaled by what their vendors and comparisons tell, and
/// may be 25 % off. What a provider reports corrects all of it during a run.
/// </summary>
internal sealed record TokenFamily
{
    /// <summary>GPT-4o and later.</summary>
    public static TokenFamily O200k { get; } = new()
    {
        Word = 0.91,
        LongLetter = 0.123,
        Digits = 0.995,
        Space = 1.248,
        Mark = 0.747,
        FurtherMark = 0.153,
        AccentedLetter = 0.91,
        AlphabetLetter = 0.258,
        Ideograph = 0.756,
        Other = 1,
        Image = 1_000,
    };

    /// <summary>GPT-4 and GPT-3.5.</summary>
    public static TokenFamily Cl100k { get; } = new()
    {
        Word = 0.91,
        LongLetter = 0.157,
        Digits = 1.089,
        Space = 1.275,
        Mark = 0.688,
        FurtherMark = 0.108,
        AccentedLetter = 1.936,
        AlphabetLetter = 0.441,
        Ideograph = 1.095,
        Other = 1.5,
        Image = 1_000,
    };

    /// <summary>Claude 3 and later: a smaller vocabulary than GPT-4's.</summary>
    public static TokenFamily Claude { get; } = Cl100k with { Scale = 1.15, Image = 1_600 };

    /// <summary>Llama 3 and later: GPT-4's vocabulary with more of other languages.</summary>
    public static TokenFamily Llama { get; } = Cl100k with { AccentedLetter = 1.3, AlphabetLetter = 0.35, Ideograph = 0.9 };

    /// <summary>Gemini and Gemma: a large vocabulary, and each digit for itself.</summary>
    public static TokenFamily Gemini { get; } = O200k with { Digits = 2, Scale = 1.05, Image = 258 };

    /// <summary>What is taken for models that are not known: rather too many than too few.</summary>
    public static TokenFamily Unknown { get; } = Cl100k with { Scale = 1.1 };

    /// <summary>Gets the tokens of a word of up to five letters.</summary>
    public required double Word { get; init; }

    /// <summary>Gets the tokens of each letter behind the fifth.</summary>
    public required double LongLetter { get; init; }

    /// <summary>Gets the tokens of three digits.</summary>
    public required double Digits { get; init; }

    /// <summary>Gets the tokens of a line break, or of more than one blank.</summary>
    public required double Space { get; init; }

    /// <summary>Gets the tokens of a run of punctuation.</summary>
    public required double Mark { get; init; }

    /// <summary>Gets the tokens of each further character of such a run.</summary>
    public required double FurtherMark { get; init; }

    /// <summary>Gets the tokens of a Latin letter outside ASCII.</summary>
    public required double AccentedLetter { get; init; }

    /// <summary>Gets the tokens of a letter of other alphabets: Greek, Cyrillic, Hebrew.</summary>
    public required double AlphabetLetter { get; init; }

    /// <summary>Gets the tokens of a Chinese, Japanese or Korean character.</summary>
    public required double Ideograph { get; init; }

    /// <summary>Gets the tokens of any other character.</summary>
    public required double Other { get; init; }

    /// <summary>Gets the tokens of a picture of common size.</summary>
    public required int Image { get; init; }

    /// <summary>Gets what all is multiplied with.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Gives the family of a model.</summary>
    public static TokenFamily Of(string modelId)
    {
        var id = ModelWindows.BareId(modelId);
        return id switch
        {
            _ when Starts(id, "gpt-4o", "gpt-4.1", "gpt-4.5", "gpt-5", "gpt-oss", "chatgpt-4o", "o1", "o3", "o4") => O200k,
            _ when Starts(id, "gpt-") => Cl100k,
            _ when Starts(id, "claude") => Claude,
            _ when Starts(id, "llama-2", "llama2") => Unknown,
            _ when Starts(id, "llama", "meta-llama") => Llama,
            _ when Starts(id, "gemini", "gemma") => Gemini,
            _ => Unknown,
        };
    }

    private static bool Starts(string id, params ReadOnlySpan<string> prefixes)
    {
        foreach (var prefix in prefixes)
        {
            if (id.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
