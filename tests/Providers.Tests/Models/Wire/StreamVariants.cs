using System.Text;
using static Cluster.Providers.Tests.Models.Wire.WireVariant;

namespace Cluster.Providers.Tests.Models.Wire;

/// <summary>How servers frame an answer, and what they call its parts.</summary>
public static class StreamVariants
{
    private const string Hi = "text Hi | finish stop";
    private const string Stop = "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}";
    private const string Done = "data: [DONE]\n\n";

    private static readonly string H = Chunk("{\"content\":\"H\"}");
    private static readonly string I = Chunk("{\"content\":\"i\"}");

    public static IEnumerable<WireVariant> All => [.. Framing, .. Chunks, .. Texts, .. Counts];

    private static IEnumerable<WireVariant> Framing =>
    [
        new("frames: as OpenAI documents it", Frame(H) + Frame(I) + Frame(Stop) + Done, Hi),
        new("frames: no blank after the colon", $"data:{H}\n\ndata:{I}\n\ndata:{Stop}\n\ndata:[DONE]\n\n", Hi),
        new("frames: CRLF", (Frame(H) + Frame(I) + Frame(Stop) + Done).Replace("\n", "\r\n", StringComparison.Ordinal), Hi),
        new("frames: CR", (Frame(H) + Frame(I) + Frame(Stop) + Done).Replace('\n', '\r'), Hi),
        new("frames: one line break between them", $"data: {H}\ndata: {I}\ndata: {Stop}\ndata: [DONE]\n", Hi),
        new("frames: no line break at the end", $"data: {H}\n\ndata: {I}\n\ndata: {Stop}", Hi),
        new("frames: comments", $": OPENROUTER PROCESSING\n\n{Frame(H)}:\n\n{Frame(I)}: ping\n{Frame(Stop)}{Done}", Hi),
        new("frames: event, id and retry", $"event: message\nid: 1\nretry: 100\n{Frame(H)}event: chunk\n{Frame(I)}event: done\n{Frame(Stop)}{Done}", Hi),
        new("frames: data over several lines", $"data: {{\"choices\":\ndata: [{{\"index\":0,\"delta\":{{\"content\":\"Hi\"}}}}]}}\n\n{Frame(Stop)}{Done}", Hi),
        new("frames: a byte order mark", string.Empty, Hi) { Bytes = (byte[])[.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Frame(H) + Frame(I) + Frame(Stop) + Done)] },
        new("frames: no end mark", Frame(H) + Frame(I) + Frame(Stop), Hi),
        new("frames: an end mark in quotes", Frame(H) + Frame(I) + Frame(Stop) + "data: \"[DONE]\"\n\n", Hi),
        new("frames: an end mark with blanks", Frame(H) + Frame(I) + Frame(Stop) + "data:  [DONE] \n\n", Hi),
        new("frames: an end mark without brackets", Frame(H) + Frame(I) + Frame(Stop) + "data: DONE\n\n", Hi),
        new("frames: an end mark and no reason", Frame(H) + Frame(I) + Done, Hi),
        new("frames: the field twice", $"data: data: {H}\n\ndata: data: {I}\n\n{Frame(Stop)}{Done}", Hi),
        new("frames: empty data", $"data:\n\ndata: \n\n{Frame(H)}{Frame(I)}{Frame(Stop)}{Done}", Hi),
        new("frames: null and empty objects", $"data: null\n\ndata: {{}}\n\n{Frame(H)}{Frame(I)}{Frame(Stop)}{Done}", Hi),
        new("frames: a word between them", $"data: ping\n\n{Frame(H)}{Frame(I)}{Frame(Stop)}{Done}", Hi),
        new("frames: one JSON a line", $"{H}\n{I}\n{Stop}\n", Hi),
        new("frames: one JSON, no stream", "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}", "text Hi | usage 1/2/3 | finish stop"),
        new("frames: one JSON over many lines", "{\n  \"choices\": [\n    {\n      \"message\": {\n        \"content\": \"Hi\"\n      },\n      \"finish_reason\": \"stop\"\n    }\n  ]\n}\n", Hi),
        new("frames: cut off", Frame(H) + Frame(I), "text Hi | failed Error - OpenAI ended the stream before the answer was complete."),
        new("frames: cut off within a frame", Frame(H) + "data: {\"choices\":[{\"ind", "text H | failed Error - OpenAI ended the stream before the answer was complete."),
        new("frames: one broken in the middle", Frame(H) + "data: {\"choices\":[{\"ind\n\n" + Frame(Stop) + Done, "text H | failed Error - OpenAI sent something that is no answer."),
        new("frames: nothing", string.Empty, "failed Error - OpenAI ended the stream before the answer was complete."),
    ];

    private static IEnumerable<WireVariant> Chunks =>
    [
        Data("chunks: choices empty at first", Hi, "{\"choices\":[],\"prompt_filter_results\":[]}", H, I, Stop),
        Data("chunks: choices missing, and null", Hi, "{\"id\":\"c\"}", "{\"choices\":null}", H, I, Stop),
        Data("chunks: delta null", Hi, H, "{\"choices\":[{\"index\":0,\"delta\":null,\"finish_reason\":null}]}", I, Stop),
        Data("chunks: delta missing", Hi, H, I, "{\"choices\":[{\"index\":0,\"finish_reason\":null,\"content_filter_offsets\":{}}]}", "{\"choices\":[{\"index\":0,\"finish_reason\":\"stop\"}]}"),
        Data("chunks: one choice instead of a list", Hi, H, "{\"choices\":{\"index\":0,\"delta\":{\"content\":\"i\"},\"finish_reason\":\"stop\"}}"),
        Data("chunks: the choice alone", Hi, H, "{\"index\":0,\"delta\":{\"content\":\"i\"},\"finish_reason\":\"stop\"}"),
        Data("chunks: another choice beside ours", Hi, H, "{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"no\"}}]}", I, Stop),
        Data("chunks: a choice with the index 1 only", Hi, "{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"Hi\"}}]}", "{\"choices\":[{\"index\":1,\"delta\":{},\"finish_reason\":\"stop\"}]}"),
        Data("chunks: numbers as text", Hi, "{\"created\":\"1\",\"choices\":[{\"index\":\"0\",\"delta\":{\"content\":\"Hi\"}}]}", Stop),
        Data("chunks: an empty reason", Hi, Chunk("{\"content\":\"H\"}", "\"\""), I, Stop),
        Data("chunks: the reason in the delta", Hi, H, Chunk("{\"content\":\"i\",\"finish_reason\":\"stop\"}")),
        Data("chunks: the whole message at the end", Hi, H, I, "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}"),
        Data("chunks: all so far beside each delta", Hi, "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"H\"},\"message\":{\"content\":\"H\"}}]}", "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"i\"},\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}"),
        Data("chunks: only a message", Hi, "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}"),
        Data("chunks: text as completions have it", Hi, "{\"choices\":[{\"index\":0,\"text\":\"Hi\",\"finish_reason\":\"stop\"}]}"),
        Data("chunks: error null and empty", Hi, "{\"error\":null,\"choices\":[{\"index\":0,\"delta\":{\"content\":\"H\"}}]}", "{\"error\":{},\"choices\":[{\"index\":0,\"delta\":{\"content\":\"i\"}}]}", "{\"error\":\"\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}"),
        Data("chunks: a status that is no error", Hi, "{\"base_resp\":{\"status_code\":0,\"status_msg\":\"\"},\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}", Stop),
        Deltas("reasons: in capitals", "STOP", Hi, "{\"content\":\"Hi\"}"),
        Deltas("reasons: another word for stop", "eos", Hi, "{\"content\":\"Hi\"}"),
        Deltas("reasons: another word for length", "MAX_TOKENS", "text Hi | finish length", "{\"content\":\"Hi\"}"),
        Deltas("reasons: one that nobody knows", "repetition", "text Hi | finish repetition", "{\"content\":\"Hi\"}"),
    ];

    private static IEnumerable<WireVariant> Texts =>
    [
        Deltas("texts: a list of parts", "stop", Hi, "{\"content\":[{\"type\":\"text\",\"text\":\"H\"},{\"type\":\"text\",\"text\":\"i\"}]}"),
        Deltas("texts: a list of texts", "stop", Hi, "{\"content\":[\"H\",\"i\"]}"),
        Deltas("texts: one part", "stop", Hi, "{\"content\":{\"type\":\"text\",\"text\":\"Hi\"}}"),
        Deltas("texts: null and empty", "stop", Hi, "{\"role\":\"assistant\",\"content\":null}", "{\"content\":\"\"}", "{\"content\":\"Hi\"}"),
        Deltas("texts: a letter in two deltas", "stop", "text \U0001F600 | finish stop", "{\"content\":\"\\ud83d\"}", "{\"content\":\"\\ude00\"}"),
        Deltas("texts: a refusal", "stop", "text No. | finish stop", "{\"content\":null,\"refusal\":\"No.\"}"),
        Deltas("thoughts: reasoning_content", "stop", "thought hm | text Hi | finish stop", "{\"reasoning_content\":\"hm\"}", "{\"content\":\"Hi\"}"),
        Deltas("thoughts: reasoning", "stop", "thought hm | text Hi | finish stop", "{\"reasoning\":\"hm\",\"content\":\"\"}", "{\"content\":\"Hi\"}"),
        Deltas("thoughts: both, the same", "stop", "thought hm | text Hi | finish stop", "{\"reasoning\":\"hm\",\"reasoning_content\":\"hm\"}", "{\"content\":\"Hi\"}"),
        Deltas("thoughts: one of both empty", "stop", "thought hm | text Hi | finish stop", "{\"reasoning_content\":\"\",\"reasoning\":\"hm\"}", "{\"content\":\"Hi\"}"),
        Deltas("thoughts: reasoning_text", "stop", "thought hm | text Hi | finish stop", "{\"reasoning_text\":\"hm\"}", "{\"content\":\"Hi\"}"),
        Deltas("thoughts: thinking", "stop", "thought hm | text Hi | finish stop", "{\"thinking\":\"hm\"}", "{\"content\":\"Hi\"}"),
        Deltas("thoughts: an object", "stop", "thought hm | text Hi | finish stop", "{\"reasoning\":{\"content\":\"hm\"}}", "{\"content\":\"Hi\"}"),
        Deltas("thoughts: parts of the content", "stop", "thought hm | text Hi | finish stop", "{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"hm\"}]}]}", "{\"content\":\"Hi\"}"),
        Deltas("thoughts: parts of the content, plain", "stop", "thought hm | text Hi | finish stop", "{\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\"},{\"type\":\"text\",\"text\":\"Hi\"}]}"),
        Deltas("thoughts: parts that say reasoning", "stop", "thought hm | text Hi | finish stop", "{\"content\":[{\"type\":\"reasoning\",\"text\":\"hm\"},{\"type\":\"text\",\"text\":\"Hi\"}]}"),
        Deltas("thoughts: details only", "stop", "thought hm | text Hi | kept [{\"type\":\"reasoning.text\",\"text\":\"hm\",\"index\":0}] | finish stop", "{\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"hm\",\"index\":0}]}", "{\"content\":\"Hi\"}"),
        new("texts: bytes that are no UTF-8", string.Empty, "text H\uFFFD | finish stop") { Bytes = (byte[])[.. Encoding.UTF8.GetBytes("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"H"), 0xF0, 0x9F, .. Encoding.UTF8.GetBytes($"\"}}}}]}}\n\n{Frame(Stop)}")] },
    ];

    private static IEnumerable<WireVariant> Counts =>
    [
        Data("usage: after the end, without choices", "text Hi | usage 1/2/3 | finish stop", H, I, Stop, "{\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}"),
        Data("usage: choices null", "text Hi | usage 1/2/3 | finish stop", H, I, Stop, "{\"choices\":null,\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}"),
        Data("usage: null in every frame", "text Hi | usage 1/2/3 | finish stop", "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}],\"usage\":null}", Stop, "{\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}"),
        Data("usage: a running total in every frame", "text Hi | usage 1/2/3 | finish stop", "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"H\"}}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2}}", "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"i\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}"),
        Data("usage: an empty one at the end", "text Hi | usage 1/2/3 | finish stop", H, I, "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}", "{\"choices\":[],\"usage\":{}}"),
        Data("usage: in the choice", "text Hi | usage 1/2/3 | finish stop", H, I, "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\",\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}]}"),
        Data("usage: Groq's place", "text Hi | usage 1/2/3 | finish stop", H, I, "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"x_groq\":{\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}}"),
        Data("usage: numbers as text and with a fraction", "text Hi | usage 1/2/3 | finish stop", H, I, "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":\"1\",\"completion_tokens\":2.0,\"total_tokens\":\"3\"}}"),
        Data("usage: other names", "text Hi | usage 1/2/3 | finish stop", H, I, "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"input_tokens\":1,\"output_tokens\":2,\"total_tokens\":3}}"),
        Data("usage: details null", "text Hi | usage 1/2/3 | finish stop", H, I, Stop, "{\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3,\"prompt_tokens_details\":null,\"completion_tokens_details\":null}}"),
    ];
}
