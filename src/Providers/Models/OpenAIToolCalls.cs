using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Cluster.Providers.Models;

/// <summary>Puts tool calls together of which a stream brings a piece at a time.</summary>
internal sealed class OpenAIToolCalls
{
    private readonly List<Pieces> _calls = [];

    /// <summary>Takes in one piece. It belongs to the call with its index; vendors that number nothing start a call with every new id.</summary>
    /// <param name="piece">An element of <c>tool_calls</c>.</param>
    public void Hear(JsonElement piece)
    {
        var id = OpenAIStream.Text(piece, "id");
        var index = OpenAIStream.Member(piece, "index") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var position) ? position : (int?)null;
        var call = index is null ? _calls.LastOrDefault() : _calls.LastOrDefault(known => known.Index == index);
        if (call is null || (id is not null && call.Id is not null && call.Id != id))
        {
            call = new Pieces(index);
            _calls.Add(call);
        }

        var function = OpenAIStream.Member(piece, "function");
        call.Id ??= id;
        call.Name ??= OpenAIStream.Text(function, "name");
        var arguments = OpenAIStream.Member(function, "arguments");
        call.Arguments.Append(arguments.ValueKind switch
        {
            JsonValueKind.String => arguments.GetString(),
            JsonValueKind.Object => arguments.GetRawText(),
            _ => null,
        });
    }

    /// <summary>Gives the calls, in the order in which they began.</summary>
    /// <returns>The calls.</returns>
    public IEnumerable<FunctionCallContent> Complete() =>
        _calls.Select(call => ToolArguments.Read(call.Id ?? string.Empty, call.Name ?? string.Empty, call.Arguments.ToString()));

    private sealed class Pieces(int? index)
    {
        public int? Index { get; } = index;

        public string? Id { get; set; }

        public string? Name { get; set; }

        public StringBuilder Arguments { get; } = new();
    }
}
