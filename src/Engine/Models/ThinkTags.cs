using Microsoft.Extensions.AI;

namespace Cluster.Engine.Models;

/// <summary>Tells thoughts from answer in the text of models that put <c>&lt;think&gt;</c> or <c>&lt;thinking&gt;</c> before what they answer. Tags may be cut anywhere.</summary>
internal sealed class ThinkTags
{
    private static readonly string[] Openings = ["<think>", "<thinking>"];

    private string _held = string.Empty;
    private string? _closing;
    private bool _hasAnswered;
    private bool _hasThought;

    /// <summary>Takes in the next piece.</summary>
    /// <returns>What is certain so far.</returns>
    public IEnumerable<AIContent> Hear(string piece)
    {
        if (_hasAnswered)
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
            if (_closing is null)
            {
                var text = _held.TrimStart();
                if (Openings.FirstOrDefault(tag => text.StartsWith(tag, StringComparison.OrdinalIgnoreCase)) is { } opening)
                {
                    (_closing, _held) = (opening.Insert(1, "/"), text[opening.Length..].TrimStart());
                    continue;
                }

                if (!Openings.Any(tag => tag.StartsWith(text, StringComparison.OrdinalIgnoreCase)))
                {
                    var answer = _hasThought ? text : _held;
                    (_hasAnswered, _held) = (true, string.Empty);
                    yield return new TextContent(answer);
                }

                yield break;
            }

            var end = _held.IndexOf(_closing, StringComparison.OrdinalIgnoreCase);
            var certain = end >= 0 ? end : _held.Length - Overlap(_held, _closing);
            if (certain > 0)
            {
                _hasThought = true;
                yield return new TextReasoningContent(_held[..certain]);
            }

            _held = _held[(end >= 0 ? end + _closing.Length : certain)..];
            if (end < 0)
            {
                yield break;
            }

            (_closing, _hasThought) = (null, true);
        }
    }

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
