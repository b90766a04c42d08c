using Cluster.Engine.Messages;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Contexts;

/// <summary>
/// Estimates how many tokens a model makes of something, without its vocabulary and without a network. It counts words, digits, marks and characters and
/// weighs them as the model's family does.
/// </summary>
/// <param name="modelId">The model's id at its provider.</param>
public sealed class TokenEstimator(string modelId)
{
    private const int PerMessage = 4;
    private const int PerCall = 8;
    private const int PerTool = 8;
    private const int ShortWord = 5;
    private const int PerDocument = 1_000;
    private const int CharactersPerDocumentToken = 25;
    private const int CharactersPerTextToken = 4;

    private readonly TokenFamily _family = TokenFamily.Of(modelId);

    /// <summary>Estimates a text.</summary>
    /// <param name="text">The text; null for none.</param>
    /// <returns>The tokens.</returns>
    public int Count(string? text) => (int)Math.Ceiling(Weigh(text.AsSpan()) * _family.Scale);

    /// <summary>Estimates messages: texts, tool calls and what is attached.</summary>
    /// <param name="messages">The messages, as the model is shown them.</param>
    /// <returns>The tokens.</returns>
    public int Count(IEnumerable<Message> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return messages.Sum(Count);
    }

    /// <summary>Estimates what the model is told about tools.</summary>
    /// <param name="tools">The tools.</param>
    /// <returns>The tokens.</returns>
    public int Count(IEnumerable<Tool> tools)
    {
        ArgumentNullException.ThrowIfNull(tools);
        return tools.Sum(tool => PerTool + Count(tool.Name) + Count(tool.Description) + Count(tool.Parameters.GetRawText()));
    }

    private int Count(Message message) => PerMessage
        + Count(message.Content)
        + (message.FromHistory ? 0 : Count(message.ReasoningContent))
        + (message.ToolCalls ?? []).Sum(call => PerCall + Count(call.Function.Name) + Count(call.Function.Arguments))
        + ((message.Images ?? []).Length * _family.Image)
        + (message.Audio ?? []).Concat(message.Videos ?? []).Concat(message.Files ?? []).Sum(Count);

    /// <summary>A text counts as one; of anything else only the size is known.</summary>
    private int Count(Media media) => media.MimeType?.StartsWith("text/", StringComparison.Ordinal) == true
        ? (media.Content?.Stored is { } stored ? (int)Math.Min(stored.Length / CharactersPerTextToken, int.MaxValue / 2) : Count(media.Content?.Text))
        : Math.Max(PerDocument, (int)Math.Min((media.Content?.Length ?? 0) / CharactersPerDocumentToken, int.MaxValue / 2));

    private double Weigh(ReadOnlySpan<char> text)
    {
        var weight = 0.0;
        while (!text.IsEmpty)
        {
            var (length, tokens) = Next(text);
            weight += tokens;
            text = text[length..];
        }

        return weight;
    }

    /// <summary>Takes the next thing off a text: a word, digits, blanks, marks, or a character of its own.</summary>
    private (int Length, double Tokens) Next(ReadOnlySpan<char> text)
    {
        var first = text[0];
        if (char.IsAsciiLetter(first))
        {
            var letters = WordLength(text);
            return (letters, _family.Word + (_family.LongLetter * Math.Max(0, letters - ShortWord)));
        }

        if (char.IsAsciiDigit(first))
        {
            var digits = Length(text, char.IsAsciiDigit);
            return (digits, _family.Digits * ((digits + 2) / 3));
        }

        if (IsBlank(first))
        {
            // One blank belongs to the word behind it.
            var blanks = Length(text, IsBlank);
            return (blanks, blanks > 1 || first != ' ' ? _family.Space : 0);
        }

        if (char.IsAscii(first))
        {
            var marks = Length(text, IsMark);
            return (marks, _family.Mark + (_family.FurtherMark * (marks - 1)));
        }

        return (1, WeighOther(first));
    }

    private double WeighOther(char character) => character switch
    {
        < '\u0250' => _family.AccentedLetter,
        < '\u0600' => _family.AlphabetLetter,
        (>= '\u2e80' and < '\ud7b0') or (>= '\uf900' and < '\ufb00') or (>= '\uff00' and < '\ufff0') => _family.Ideograph,
        _ => _family.Other,
    };

    /// <summary>A word ends where a capital follows a small letter, as in names in code.</summary>
    private static int WordLength(ReadOnlySpan<char> text)
    {
        var length = 1;
        while (length < text.Length && char.IsAsciiLetter(text[length]) && !(char.IsAsciiLetterUpper(text[length]) && !char.IsAsciiLetterUpper(text[length - 1])))
        {
            length++;
        }

        return length;
    }

    private static int Length(ReadOnlySpan<char> text, Func<char, bool> belongs)
    {
        var length = 1;
        while (length < text.Length && belongs(text[length]))
        {
            length++;
        }

        return length;
    }

    private static bool IsBlank(char character) => character is ' ' or '\t' or '\r' or '\n';

    private static bool IsMark(char character) => char.IsAscii(character) && !char.IsAsciiLetterOrDigit(character) && !IsBlank(character);
}
