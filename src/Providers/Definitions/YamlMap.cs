using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Errors;
using YamlDotNet.RepresentationModel;

namespace Cluster.Providers.Definitions;

/// <summary>Reads the keys of a mapping. Every key is asked for by name; those that nobody asked for are mistakes.</summary>
internal sealed class YamlMap
{
    private readonly string _file;
    private readonly string _owner;
    private readonly YamlNode _node;
    private readonly Dictionary<string, (YamlNode Key, YamlNode Value)> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>Creates the reader.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="owner">What the mapping describes, for messages.</param>
    /// <param name="node">The mapping.</param>
    /// <exception cref="InvalidRequestException">It is none.</exception>
    public YamlMap(string file, string owner, YamlNode node)
    {
        (_file, _owner, _node) = (file, owner, node);
        if (node is not YamlMappingNode mapping)
        {
            throw Error(node, $"{owner} is not a mapping. Write 'key: value' lines.");
        }

        foreach (var (key, value) in mapping.Children)
        {
            _values[key is YamlScalarNode { Value: { } name } ? name : throw Error(key, $"A key of {YamlError.Within(owner)} is not a text. Write a text.")] = (key, value);
        }
    }

    /// <summary>Makes a refusal of the whole mapping.</summary>
    public InvalidRequestException Error(string message) => Error(_node, message);

    /// <summary>Makes a refusal of something in the mapping.</summary>
    public InvalidRequestException Error(YamlNode node, string message) => YamlError.At(_file, node.Start, message);

    /// <summary>Gives the value of a key; null when it is missing or stands for nothing.</summary>
    public YamlNode? Node(string key)
    {
        _known.Add(key);
        return _values.TryGetValue(key, out var found) && !YamlValue.IsNull(found.Value) ? found.Value : null;
    }

    public string? Text(string key) => Node(key) is { } node ? Text(key, node) : null;

    public string RequiredText(string key) => Text(key) ?? throw Error($"{_owner} has no '{key}'. Add it.");

    public bool Flag(string key) => Node(key) is { } node && (YamlValue.ToBoolean(node) ?? throw Mistyped(key, node, "true or false"));

    public bool? OptionalFlag(string key) => Node(key) is null ? null : Flag(key);

    /// <summary>Reads a whole number, not below a bound.</summary>
    public int? Integer(string key, int minimum) => Node(key) is not { } node ? null
        : YamlValue.ToInteger(node) is { } number && number >= minimum && number <= int.MaxValue ? (int)number
        : throw Mistyped(key, node, $"a whole number, {minimum} or more");

    /// <summary>Reads a number, not below 0.</summary>
    public double? Number(string key) => Node(key) is not { } node ? null
        : YamlValue.ToNumber(node) is { } number && number >= 0 ? number
        : throw Mistyped(key, node, "a number, 0 or more");

    /// <summary>Reads a time span in seconds.</summary>
    public TimeSpan? Seconds(string key) => Number(key) is not { } seconds ? null
        : seconds <= TimeSpan.FromDays(1).TotalSeconds ? TimeSpan.FromSeconds(seconds)
        : throw Mistyped(key, Node(key)!, "a number of seconds, at most those of a day");

    /// <summary>Reads a time span in seconds that is not 0.</summary>
    public TimeSpan? PositiveSeconds(string key) => Seconds(key) is { Ticks: 0 } ? throw Mistyped(key, Node(key)!, "a number of seconds above 0") : Seconds(key);

    /// <summary>Reads a text or a list of texts.</summary>
    public ImmutableArray<string> Texts(string key) => Node(key) switch
    {
        null => [],
        YamlSequenceNode list => [.. list.Children.Select(item => Text(key, item))],
        { } single => [Text(key, single)],
    };

    /// <summary>Reads a mapping of texts.</summary>
    public IEnumerable<(string Name, string Value)> TextPairs(string key) => Node(key) switch
    {
        null => [],
        YamlMappingNode mapping => mapping.Children.Select(pair => (Text(key, pair.Key), Text(key, pair.Value))),
        { } other => throw Mistyped(key, other, "a mapping of texts"),
    };

    /// <summary>Reads a list.</summary>
    public IList<YamlNode> List(string key) => Node(key) switch
    {
        null => [],
        YamlSequenceNode list => list.Children,
        { } other => throw Mistyped(key, other, "a list"),
    };

    /// <summary>Reads any mapping as JSON.</summary>
    public JsonElement? Object(string key) => Node(key) switch
    {
        null => null,
        YamlMappingNode mapping => new YamlValue(_file).ToJson(mapping),
        { } other => throw Mistyped(key, other, "a mapping"),
    };

    /// <summary>Reads a mapping whose keys are known.</summary>
    public YamlMap Map(YamlNode node, string owner) => new(_file, owner, node);

    /// <summary>Refuses the keys that nobody asked for. It has to be called last.</summary>
    public void RefuseOthers()
    {
        if (_values.FirstOrDefault(pair => !_known.Contains(pair.Key)) is { Key: { } name, Value: var found })
        {
            throw Error(found.Key, $"{_owner} has the unknown key '{name}'. {YamlError.Suggest(name, _known)}");
        }
    }

    private string Text(string key, YamlNode node) => node is YamlScalarNode { Value: { } text } ? text : throw Mistyped(key, node, "a text");

    private InvalidRequestException Mistyped(string key, YamlNode node, string wanted) =>
        Error(node, $"'{key}' of {YamlError.Within(_owner)} is {(node is YamlScalarNode scalar ? $"'{scalar.Value}'" : node is YamlSequenceNode ? "a list" : "a mapping")}. Make it {wanted}.");
}
