using Microsoft.Extensions.AI;

namespace Cluster.Engine.Models;

/// <summary>
/// Tells thoughts from answer in the text of models that put <c>&lt;think&gt;</c> or <c>&lt;thinking&gt;</c> before what they answer. Tags may be cut anywhere. A closing tag
/// without an opening one ends thoughts, too: where the opening tag stands in the prompt, the server leaves it out.
/// </summary>
internal sealed class ThinkTags
{
    private const string Turn = "thought_so_far";

    private static readonly string[] Openings = ["<think>", "<thinking>"];
    private static readonly string[] Closings = ["</think>", "</thinking>"];

    private string _held = string.Empty;
    private string? _closing;
    private char _last;
    private bool _hasAnswered;
    private bool _hasThought;

    /// <summary>Tells whether a content means that the text before it was no answer.</summary>
    public static bool IsTurn(AIContent content) => content.AdditionalProperties?.ContainsKey(Turn) == true;

    /// <summary>Takes in the next piece.</summary>
    /// <returns>What is certain so far.</returns>
    public IEnumerable<AIContent> Hear(string piece)
    {
        if (_hasAnswered && _hasThought)
        {
            return [new TextContent(piece)];
        }

        _held += piece;
        return Cut();
    }

    /// <summary>Gives what was held back when nothing follows.</summary>
    public AIContent? Finish()
    {
        var (held, isThought) = (_held, _closing is not null);
        _held = string.Empty;
        return held.Length == 0 || (!isThought && _hasThought && string.IsNullOrWhiteSpace(held)) ? null
            : isThought ? new TextReasoningContent(held) : new TextContent(held);
    }

    private IEnumerable<AIContent> Cut()
    {
        while (true)
        {
            if (_closing is not null)
            {
                foreach (var thought in CutThought())
                {
                    yield return thought;
                }

                if (_closing is not null)
                {
                    yield break;
                }
            }

            if (!_hasAnswered && IsOpening())
            {
                continue;
            }

            if (!_hasAnswered)
            {
                yield break;
            }

            foreach (var content in CutAnswer())
            {
                yield return content;
            }

            if (_hasAnswered)
            {
                yield break;
            }
        }
    }

    /// <summary>Looks at the beginning. It is an opening tag, or may become one, or the answer has begun.</summary>
    private bool IsOpening()
    {
        var text = _held.TrimStart();
        if (Openings.FirstOrDefault(tag => text.StartsWith(tag, StringComparison.OrdinalIgnoreCase)) is { } opening)
        {
            (_closing, _held) = (opening.Insert(1, "/"), text[opening.Length..].TrimStart());
            return true;
        }

        if (!Openings.Any(tag => tag.StartsWith(text, StringComparison.OrdinalIgnoreCase)))
        {
            (_hasAnswered, _held) = (true, _hasThought ? text : _held);
        }

        return false;
    }

    private IEnumerable<AIContent> CutThought()
    {
        var end = _held.IndexOf(_closing!, StringComparison.OrdinalIgnoreCase);
        var certain = end >= 0 ? end : _held.Length - Overlap(_held, _closing!);
        if (certain > 0)
        {
            _hasThought = true;
            yield return new TextReasoningContent(_held[..certain]);
        }

        _held = _held[(end >= 0 ? end + _closing!.Length : certain)..];
        if (end >= 0)
        {
            (_closing, _hasThought) = (null, true);
        }
    }

    /// <summary>Passes the answer on, and looks out for a closing tag as long as there was no thought.</summary>
    private IEnumerable<AIContent> CutAnswer()
    {
        var (end, length) = _hasThought ? (-1, 0) : LoneClosing();
        if (end < 0)
        {
            var certain = _held.Length - (_hasThought ? 0 : Closings.Max(tag => Overlap(_held, tag)));
            if (certain > 0)
            {
                _last = _held[certain - 1];
                yield return new TextContent(_held[..certain]);
            }

            _held = _held[certain..];
            yield break;
        }

        yield return new TextReasoningContent(string.Empty) { AdditionalProperties = new AdditionalPropertiesDictionary { [Turn] = true } };
        if (end > 0)
        {
            yield return new TextReasoningContent(_held[..end]);
        }

        (_held, _hasAnswered, _hasThought) = (_held[(end + length)..], false, true);
    }

    /// <summary>Finds a closing tag that nobody quotes.</summary>
    private (int At, int Length) LoneClosing() => Closings
        .Select(tag => (At: _held.IndexOf(tag, StringComparison.OrdinalIgnoreCase), tag.Length))
        .Where(found => found.At >= 0 && (found.At > 0 ? _held[found.At - 1] : _last) is not ('`' or '"' or '\''))
        .DefaultIfEmpty((At: -1, Length: 0))
        .MinBy(found => found.At);

    /// <summary>Counts how many letters at the end may be the beginning of the tag.</summary>
    private static int Overlap(string text, string tag)
    {
        var count = Math.Min(text.Length, tag.Length - 1);
        while (!text.EndsWith(tag[..count], StringComparison.OrdinalIgnoreCase))
        {
            count--;
        }

        return count;
    }
}
