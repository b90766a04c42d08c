using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Cluster.Providers.Models.Wire;

/// <summary>A call that grows.</summary>
/// <param name="index">The number that it came with; null for none.</param>
internal sealed class WireToolCall(long? index)
{
    private readonly StringBuilder _arguments = new();
    private JsonExtent _extent;
    private string _lastPiece = string.Empty;
    private string? _name;
    private JsonElement _extra;

    public long? Index { get; private set; } = index;

    public string? Id { get; private set; }

    /// <summary>Gets a value indicating whether it says neither what to call nor with what.</summary>
    public bool IsNothing => _name is null && _arguments.Length == 0;

    /// <summary>Gets a value indicating whether the arguments so far are empty braces, which some vendors send before the real ones.</summary>
    private bool IsOnlyAnnounced => _arguments.Length < 8 && _arguments.ToString().Trim() == "{}";

    /// <summary>Tells whether a piece with the id of this call is another one: some vendors give all calls the same id.</summary>
    public bool IsOtherCall(WireToolPiece piece) => piece.Name is not null && _extent.IsWhole && !IsOnlyAnnounced && WireJson.IsObject(piece.Arguments) && !Repeats(piece);

    /// <summary>Tells whether a piece that has the index of this call, or none, and no id of another call that is known, goes on with it.</summary>
    public bool IsFollowedBy(WireToolPiece piece, IReadOnlySet<string> toolNames)
    {
        var isOtherId = piece.Id is not null && Id is not null;
        if (piece.Name is null)
        {
            return IsFollowedByNameless(piece, isOtherId);
        }

        if (_name is null)
        {
            return !isOtherId || _arguments.Length == 0;
        }

        if (isOtherId)
        {
            return piece.Name == _name && _arguments.Length > 0 && !_extent.IsWhole;
        }

        return piece.Name == _name ? !_extent.IsWhole || IsOnlyAnnounced || Repeats(piece) : _arguments.Length == 0 && IsPartOfName(piece, toolNames);
    }

    /// <summary>Some servers make a new id for each piece; after a whole call it begins one whose name follows.</summary>
    private bool IsFollowedByNameless(WireToolPiece piece, bool isOtherId) =>
        !_extent.IsWhole || (!isOtherId && (IsOnlyAnnounced || !piece.BeginsObject || Same(piece.Arguments)));

    public void Add(WireToolPiece piece, IReadOnlySet<string> toolNames)
    {
        Id ??= piece.Id;
        Index ??= piece.Index;
        if (piece.Extra.ValueKind != JsonValueKind.Undefined)
        {
            _extra = piece.Extra;
        }

        if (piece.Name is { } name)
        {
            _name = _name is not null && name != _name && IsPartOfName(piece, toolNames) ? _name + name : _name ?? name;
        }

        if (piece.Arguments.Length == 0 || Repeats(piece))
        {
            return;
        }

        if (piece.BeginsObject && IsOnlyAnnounced)
        {
            _arguments.Clear();
            _extent = default;
        }

        _arguments.Append(piece.Arguments);
        _extent.Hear(piece.Arguments);
        _lastPiece = piece.Arguments;
    }

    public FunctionCallContent Complete()
    {
        var call = ToolArguments.Read(Id ?? string.Empty, _name ?? string.Empty, Arguments());
        if (_extra.ValueKind != JsonValueKind.Undefined)
        {
            (call.AdditionalProperties ??= [])[ToolArguments.ExtraProperty] = _extra;
        }

        return call;
    }

    /// <summary>Pieces that do not fit together may have been whole by themselves: some vendors send all arguments so far each time, or the whole call once more at the end.</summary>
    private string Arguments()
    {
        var all = _arguments.ToString();
        var json = WireJson.TryParse(all);
        return json is { ValueKind: JsonValueKind.String } quoted && WireJson.Text(quoted) is { } inner && WireJson.IsObject(inner) ? inner
            : json is null && _lastPiece.Length < all.Length && WireJson.IsObject(_lastPiece) ? _lastPiece
            : all;
    }

    private bool Repeats(WireToolPiece piece) => (piece.Name is null || piece.Name == _name) && _extent.IsWhole && (piece.Arguments.Length == 0 || Same(piece.Arguments));

    private bool Same(string arguments) => WireJson.TryParse(arguments) is { } other && WireJson.TryParse(_arguments.ToString()) is { } own && JsonElement.DeepEquals(own, other);

    private bool IsPartOfName(WireToolPiece next, IReadOnlySet<string> toolNames) => _name is not null && !toolNames.Contains(_name) && (toolNames.Count == 0
        ? next.Arguments.Length == 0
        : toolNames.Any(tool => tool.StartsWith(_name + next.Name, StringComparison.Ordinal)));
}

/// <summary>Tells while JSON arrives whether an object is complete, without reading it again from its beginning.</summary>
internal struct JsonExtent
{
    private int _depth;
    private bool _hasBegun;
    private bool _isInText;
    private bool _isEscaped;

    /// <summary>Gets a value indicating whether all that was opened is closed.</summary>
    public readonly bool IsWhole => _hasBegun && _depth == 0;

    public void Hear(string piece)
    {
        foreach (var letter in piece)
        {
            if (_isEscaped)
            {
                _isEscaped = false;
            }
            else if (_isInText)
            {
                _isEscaped = letter == '\\';
                _isInText = letter != '"';
            }
            else
            {
                _isInText = letter == '"';
                _hasBegun |= letter == '{';
                _depth += letter is '{' or '[' ? 1 : letter is '}' or ']' ? -1 : 0;
            }
        }
    }
}
