using static Cluster.Providers.Tests.Models.Wire.WireVariant;

namespace Cluster.Providers.Tests.Models.Wire;

/// <summary>How servers send tool calls. The model was told of <c>add</c>, <c>multiply</c>, <c>now</c> and <c>get_weather</c>.</summary>
public static class ToolCallVariants
{
    private const string A1 = "\"{\\\"a\\\":1}\"";
    private const string A2 = "\"{\\\"a\\\":2}\"";
    private const string Add1 = "call x add {\"a\":1}";
    private const string Finish = " | finish tool_calls";
    private const string TwoIds = "call x add {\"a\":1} | call y multiply {\"a\":2}" + Finish;
    private const string Two = "call add {\"a\":1} | call multiply {\"a\":2}" + Finish;

    private static readonly string Begin = Calls(Piece("0", "\"x\"", "\"add\"", "\"\""));
    private static readonly string First = Calls(Piece("0", null, null, "\"{\\\"a\\\":\""));
    private static readonly string Last = Calls(Piece("0", null, null, "\"1}\""));

    public static IEnumerable<WireVariant> All =>
    [
        Of("as OpenAI documents it", Add1 + Finish, Begin, First, Last),
        Of("members of the arguments twice", "call x add {\"a\":{\"b\":2}}" + Finish, Calls(Piece("0", "\"x\"", "\"add\"", "\"{\\\"a\\\":1,\\\"a\\\":{\\\"b\\\":1,\\\"b\\\":2}}\""))),
        Of("two in one delta, no index, empty ids", Two, Calls(Piece(null, "\"\"", "\"add\"", A1), Piece(null, "\"\"", "\"multiply\"", A2))),
        Of("two in one delta, no index, null ids", Two, Calls(Piece("null", "null", "\"add\"", A1), Piece("null", "null", "\"multiply\"", A2))),
        Of("two of one tool in one delta, no index, no ids", "call add {\"a\":1} | call add {\"a\":2}" + Finish, Calls(Piece(null, null, "\"add\"", A1), Piece(null, null, "\"add\"", A2))),
        Of("two equal ones in one delta, no index, no ids", "call add {\"a\":1} | call add {\"a\":1}" + Finish, Calls(Piece(null, null, "\"add\"", A1), Piece(null, null, "\"add\"", A1))),
        Of("two in two deltas, no index, no ids", Two, Calls(Piece(null, null, "\"add\"", A1)), Calls(Piece(null, null, "\"multiply\"", A2))),
        Of("two without arguments, no index, no ids", "call now {} | call add {\"a\":1}" + Finish, Calls(Piece(null, null, "\"now\"", "\"\"")), Calls(Piece(null, null, "\"add\"", A1))),
        Of("index 0 twice, no ids, another name", Two, Calls(Piece("0", null, "\"add\"", A1)), Calls(Piece("0", null, "\"multiply\"", A2))),
        Of("index 0 twice in one delta, no ids", Two, Calls(Piece("0", null, "\"add\"", A1), Piece("0", null, "\"multiply\"", A2))),
        Of("index 0 twice, no ids, the same name", "call add {\"a\":1} | call add {\"a\":2}" + Finish, Calls(Piece("0", null, "\"add\"", A1)), Calls(Piece("0", null, "\"add\"", A2))),
        Of("index 0 twice, with ids", TwoIds, Calls(Piece("0", "\"x\"", "\"add\"", A1)), Calls(Piece("0", "\"y\"", "\"multiply\"", A2))),
        Of("index 0 for the second head, 1 for its tail", TwoIds, Calls(Piece("0", "\"x\"", "\"add\"", A1)), Calls(Piece("0", "\"y\"", "\"multiply\"", "\"\"")), Calls(Piece("1", null, null, A2))),
        Of("no index, ids, in pieces", TwoIds, Calls(Piece(null, "\"x\"", "\"add\"", "\"{\\\"a\\\":\"")), Calls(Piece(null, null, null, "\"1}\"")), Calls(Piece(null, "\"y\"", "\"multiply\"", "\"{\\\"a\\\":\"")), Calls(Piece(null, null, null, "\"2}\""))),
        Of("the id in every piece", Add1 + Finish, Begin, Calls(Piece("0", "\"x\"", null, "\"{\\\"a\\\":\"")), Calls(Piece("0", "\"x\"", null, "\"1}\""))),
        Of("the id in every piece, no index", Add1 + Finish, Calls(Piece(null, "\"x\"", "\"add\"", "\"\"")), Calls(Piece(null, "\"x\"", null, "\"{\\\"a\\\":\"")), Calls(Piece(null, "\"x\"", null, "\"1}\""))),
        Of("the name in every piece", Add1 + Finish, Begin, Calls(Piece("0", null, "\"add\"", "\"{\\\"a\\\":\"")), Calls(Piece("0", null, "\"add\"", "\"1}\""))),
        Of("id and name in every piece, no index", Add1 + Finish, Calls(Piece(null, "\"x\"", "\"add\"", "\"{\\\"a\\\":\"")), Calls(Piece(null, "\"x\"", "\"add\"", "\"1}\""))),
        Of("name and arguments empty in later pieces", Add1 + Finish, Begin, Calls(Piece("0", "\"\"", "\"\"", "\"{\\\"a\\\":\"")), Calls(Piece("0", "\"\"", "\"\"", "\"1}\""))),
        Of("a new id in every piece", Add1 + Finish, Begin, Calls(Piece("0", "\"r1\"", null, "\"{\\\"a\\\":\"")), Calls(Piece("0", "\"r2\"", null, "\"1}\""))),
        Of("a name in two pieces", "call x get_weather {\"a\":1}" + Finish, Calls(Piece("0", "\"x\"", "\"get_\"", "\"\"")), Calls(Piece("0", null, "\"weather\"", "\"\"")), First, Last),
        Of("the id first, the name later", Add1 + Finish, Calls(Piece("0", "\"x\"", null, "\"\"")), Calls(Piece("0", null, "\"add\"", "\"\"")), First, Last),
        Of("the arguments before the name", Add1 + Finish, Calls(Piece("0", "\"x\"", null, "\"{\\\"a\\\":\"")), Calls(Piece("0", null, "\"add\"", "\"1}\""))),
        Of("the name first, the id later", Add1 + Finish, Calls(Piece("0", null, "\"add\"", "\"\"")), Calls(Piece("0", "\"x\"", null, A1))),
        Of("arguments as an object", Add1 + Finish, Calls(Piece("0", "\"x\"", "\"add\"", "{\"a\":1}"))),
        Of("arguments as text in text", Add1 + Finish, Calls(Piece("0", "\"x\"", "\"add\"", "\"\\\"{\\\\\\\"a\\\\\\\":1}\\\"\""))),
        Of("arguments null", "call x now {}" + Finish, Calls(Piece("0", "\"x\"", "\"now\"", "null"))),
        Of("arguments missing", "call x now {}" + Finish, Calls(Piece("0", "\"x\"", "\"now\"", null))),
        Of("empty braces before the arguments", Add1 + Finish, Calls(Piece("0", "\"x\"", "\"add\"", "\"{}\"")), Calls(Piece("0", null, null, A1))),
        Of("all arguments so far in every piece", Add1 + Finish, Begin, First, Calls(Piece("0", null, null, A1))),
        Of("the index as text", TwoIds, Calls(Piece("\"0\"", "\"x\"", "\"add\"", "\"\"")), Calls(Piece("\"1\"", "\"y\"", "\"multiply\"", A2)), Calls(Piece("\"0\"", null, null, A1))),
        Of("the index from 1", Add1 + Finish, Calls(Piece("1", "\"x\"", "\"add\"", "\"\"")), Calls(Piece("1", null, null, A1))),
        Of("an index with gaps", TwoIds, Calls(Piece("0", "\"x\"", "\"add\"", A1)), Calls(Piece("7", "\"y\"", "\"multiply\"", "\"\"")), Calls(Piece("7", null, null, A2))),
        Of("an id that is a number", "call 7 add {\"a\":1}" + Finish, Calls(Piece("0", "7", "\"add\"", A1))),
        Of("pieces of two calls by turns", TwoIds, Calls(Piece("0", "\"x\"", "\"add\"", "\"{\\\"a\\\":\""), Piece("1", "\"y\"", "\"multiply\"", "\"{\\\"a\\\":\"")), Calls(Piece("1", null, null, "\"2}\""), Piece("0", null, null, "\"1}\""))),
        Of("pieces of two calls by turns, by id", TwoIds, Calls(Piece(null, "\"x\"", "\"add\"", "\"{\\\"a\\\":\"")), Calls(Piece(null, "\"y\"", "\"multiply\"", "\"{\\\"a\\\":\"")), Calls(Piece(null, "\"x\"", null, "\"1}\"")), Calls(Piece(null, "\"y\"", null, "\"2}\""))),
        Of("pieces of two calls by place only", Two, Calls(Piece(null, null, "\"add\"", "\"{\\\"a\\\":\""), Piece(null, null, "\"multiply\"", "\"{\\\"a\\\":\"")), Calls(Piece(null, null, null, "\"1}\""), Piece(null, null, null, "\"2}\""))),
        Of("the whole call once more at the end", Add1 + Finish, Begin, First, Last, Calls(Piece("0", "\"x\"", "\"add\"", A1))),
        Of("the whole call once more, without an id", Add1 + Finish, Begin, First, Last, Calls(Piece("0", null, "\"add\"", A1))),
        Of("one call at several indexes", Add1 + Finish, Calls(Piece("0", "\"x\"", "\"add\"", A1)), Calls(Piece("1", "\"x\"", "\"add\"", A1))),
        Of("two calls of one id", "call x add {\"a\":1} | call x add {\"a\":2}" + Finish, Calls(Piece("0", "\"x\"", "\"add\"", A1), Piece("1", "\"x\"", "\"add\"", A2))),
        Of("a call that says nothing", "text hi | finish stop", "stop", "{\"content\":\"hi\"}", Calls(Piece("0", "null", "null", "null"))),
        Of("a call that has only an id", "text hi | finish stop", "stop", "{\"content\":\"hi\"}", Calls(Piece("0", "\"x\"", "null", "\"\""))),
        Of("an empty list of calls, and null", "text hi | finish stop", "stop", "{\"content\":\"hi\",\"tool_calls\":[]}", "{\"tool_calls\":null}"),
        Of("a stop after calls", Add1 + " | finish stop", "stop", Begin, First, Last),
        Of("one call instead of a list", Add1 + Finish, "{\"tool_calls\":" + Piece("0", "\"x\"", "\"add\"", A1) + "}"),
        Of("a call without its wrapper", Add1 + Finish, "{\"tool_calls\":[{\"index\":0,\"id\":\"x\",\"name\":\"add\",\"arguments\":{\"a\":1}}]}"),
        Of("the function call of old", "call add {\"a\":1}" + Finish, "function_call", "{\"function_call\":{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":\"}}", "{\"function_call\":{\"arguments\":\"1}\"}}"),
        Of("half a letter in arguments", "call x add {\"a\":\"\uFFFD\"}" + Finish, Calls(Piece("0", "\"x\"", "\"add\"", "\"{\\\"a\\\":\\\"\\\\ud83d\\\"}\""))),
        Of("half a letter in arguments, not escaped again", "call x add {\"a\":\"\uFFFD\"}" + Finish, Calls(Piece("0", "\"x\"", "\"add\"", "\"{\\\"a\\\":\\\"\\ud83d\\\"}\""))),
        Of("a letter in two pieces of arguments", "call x add {\"a\":\"\U0001F600\"}" + Finish, Calls(Piece("0", "\"x\"", "\"add\"", "\"{\\\"a\\\":\\\"\\ud83d\"")), Calls(Piece("0", null, null, "\"\\ude00\\\"}\""))),
        Of("arguments cut off", "malformed x add {\"a\":" + Finish, Begin, First),
        Of("Google's signature", "call x add {\"a\":1} {\"google\":{\"thought_signature\":\"s\"}}" + Finish, "{\"tool_calls\":[{\"index\":0,\"id\":\"x\",\"type\":\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"},\"extra_content\":{\"google\":{\"thought_signature\":\"s\"}}}]}"),
        Data("calls: in a whole message at the end", Add1 + Finish, Chunk("{\"content\":\"\"}"), "{\"choices\":[{\"index\":0,\"message\":" + Calls(Piece("0", "\"x\"", "\"add\"", A1)) + ",\"finish_reason\":\"tool_calls\"}]}"),
        Data("calls: in the last delta, with the reason", Add1 + Finish, Chunk(Calls(Piece("0", "\"x\"", "\"add\"", A1)), "\"tool_calls\"")),
        Data("calls: and no reason at all", Add1 + " | finish stop", Chunk(Begin), Chunk(First), Chunk(Last)),
    ];

    private static WireVariant Of(string name, string expected, params string[] deltas) =>
        deltas[0] is "stop" or "function_call" ? Deltas("calls: " + name, deltas[0], expected, deltas[1..]) : Deltas("calls: " + name, "tool_calls", expected, deltas);
}
