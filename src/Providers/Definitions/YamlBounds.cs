using Cluster.Engine.Errors;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Cluster.Providers.Definitions;

/// <summary>
/// Looks over a file before anything is made of it. Aliases let a few lines stand for more than a machine can hold, and brackets in brackets for a stack that no
/// process has.
/// </summary>
/// <param name="file">The file's name, for messages.</param>
internal sealed class YamlBounds(string file)
{
    private const int DeepestNesting = 128;
    private const long MostNodes = 1_000_000;
    private const long MostLetters = 32 * 1024 * 1024;

    private readonly Dictionary<AnchorName, Size> _named = [];
    private readonly Stack<(AnchorName Name, Size Size)> _open = new();

    /// <summary>Reads a file to its end.</summary>
    /// <param name="text">The file.</param>
    /// <exception cref="InvalidRequestException">It is too deep, or too large with what its aliases stand for.</exception>
    /// <exception cref="YamlException">It is no YAML.</exception>
    public void Check(string text)
    {
        var parser = new Parser(new StringReader(text));
        while (parser.MoveNext())
        {
            switch (parser.Current)
            {
                case MappingStart or SequenceStart:
                    Open((NodeEvent)parser.Current);
                    break;
                case MappingEnd or SequenceEnd:
                    var (name, size) = _open.Pop();
                    Add(name, size, parser.Current.Start);
                    break;
                case Scalar scalar:
                    Add(scalar.Anchor, new Size(1, scalar.Value.Length), scalar.Start);
                    break;
                case AnchorAlias alias:
                    Add(AnchorName.Empty, SizeOf(alias), alias.Start);
                    break;
            }
        }
    }

    private void Open(NodeEvent node)
    {
        if (_open.Count >= DeepestNesting)
        {
            throw YamlError.At(file, node.Start, $"The file is nested more than {DeepestNesting} levels deep. Make it flatter.");
        }

        _open.Push((node.Anchor, new Size(1, 0)));
    }

    private Size SizeOf(AnchorAlias alias) => _open.Any(node => node.Name == alias.Value)
        ? throw YamlError.At(file, alias.Start, $"The alias '*{alias.Value}' stands inside of what it stands for. Take it out.")
        : _named.GetValueOrDefault(alias.Value, new Size(1, 0));

    private void Add(AnchorName name, Size size, Mark place)
    {
        if (!name.IsEmpty)
        {
            _named[name] = size;
        }

        if (!_open.TryPop(out var outer))
        {
            return;
        }

        var sum = new Size(outer.Size.Nodes + size.Nodes, outer.Size.Letters + size.Letters);
        if (sum.Nodes > MostNodes || sum.Letters > MostLetters)
        {
            throw YamlError.At(file, place, $"The file stands for more than {(sum.Nodes > MostNodes ? $"{MostNodes} values" : $"{MostLetters} letters")} with its aliases. Use fewer.");
        }

        _open.Push((outer.Name, sum));
    }

    /// <summary>What a node amounts to when each alias is replaced by what it stands for.</summary>
    private readonly record struct Size(long Nodes, long Letters);
}
