namespace Cluster.Providers.Tests.Models.Wire;

/// <summary>One way in which a server answers a chat completion.</summary>
/// <param name="Name">What is special about it.</param>
/// <param name="Body">The whole body.</param>
/// <param name="Expected">What whoever asked shall get: texts, thoughts, calls and usage put together, the end, or the failure.</param>
public sealed record WireVariant(string Name, string Body, string Expected)
{
    private const string Done = "data: [DONE]\n\n";

    /// <summary>Gets what is sent instead of <see cref="Body"/> where it is no text.</summary>
    public ReadOnlyMemory<byte>? Bytes { get; init; }

    /// <summary>Gets the header <c>Retry-After</c>; null for none.</summary>
    public string? RetryAfter { get; init; }

    public override string ToString() => Name;

    /// <summary>A stream of deltas that ends with a reason and the mark.</summary>
    public static WireVariant Deltas(string name, string reason, string expected, params string[] deltas) =>
        new(name, Frames(deltas) + Frame($$"""{"choices":[{"index":0,"delta":{},"finish_reason":"{{reason}}"}]}""") + Done, expected);

    /// <summary>A stream whose data are given.</summary>
    public static WireVariant Data(string name, string expected, params string[] data) => new(name, string.Concat(data.Select(Frame)) + Done, expected);

    public static string Frames(params string[] deltas) => string.Concat(deltas.Select(delta => Frame(Chunk(delta))));

    public static string Chunk(string delta, string reason = "null") => $$"""{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{{delta}},"finish_reason":{{reason}} }]}""";

    public static string Frame(string json) => $"data: {json}\n\n";

    /// <summary>A piece of a call. What is null is left out.</summary>
    public static string Piece(string? index, string? id, string? name, string? arguments)
    {
        var function = string.Join(',', new[] { name is null ? null : $"\"name\":{name}", arguments is null ? null : $"\"arguments\":{arguments}" }.OfType<string>());
        var members = new[] { index is null ? null : $"\"index\":{index}", id is null ? null : $"\"id\":{id}", "\"type\":\"function\"", "\"function\":{" + function + "}" };
        return "{" + string.Join(',', members.OfType<string>()) + "}";
    }

    public static string Calls(params string[] pieces) => "{\"tool_calls\":[" + string.Join(',', pieces) + "]}";
}
