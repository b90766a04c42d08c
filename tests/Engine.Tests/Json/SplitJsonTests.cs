using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Tests.Json;

public sealed class SplitJsonTests
{
    private static readonly string[] Texts =
    [
        string.Empty,
        "short",
        new string('x', 4 * 1024),
        new string('x', (4 * 1024) + 1),
        new string('"', 20_000),
        string.Concat(Enumerable.Repeat("héllo 世界 😀 \n\\ ", 2_000)),

        // The pieces end in the middle of a character.
        "x" + string.Concat(Enumerable.Repeat("😀", 5_000)),
    ];

    public static TheoryData<string> Contents => [.. Texts];

    [Theory]
    [MemberData(nameof(Contents), DisableDiscoveryEnumeration = true)]
    public async Task A_long_text_is_sent_as_the_bytes_that_it_has_when_it_is_written_at_once(string text)
    {
        var completed = new RunCompleted { Content = text, RunId = "r", ReasoningContent = text, Metadata = JsonElement.Parse("""{"a":1}""") };
        using var split = SplitJson.Rent();

        split.Write(completed, EngineJson.Context.RunCompleted);

        var sent = await SendAsync(split);
        Assert.Equal(Encoding.UTF8.GetString(Whole(completed)), Encoding.UTF8.GetString(sent));
        Assert.Equal(sent.Length, split.Measure());
        Assert.Equal(sent, SplitJson.ToArray(completed, EngineJson.Context.RunCompleted));
        Assert.Equal(text.Length > 4 * 1024, split.IsSplit);
    }

    [Fact]
    public async Task What_is_sent_before_and_behind_a_value_stays_in_its_place()
    {
        var text = new string('y', 50_000);
        using var split = SplitJson.Rent();

        split.Output.Write("data: "u8);
        split.Write(new ContentValue(text), EngineJson.Context.ContentValue);
        split.Output.Write("\n\n"u8);
        split.Write(new ContentValue(text), EngineJson.Context.ContentValue);

        Assert.Equal($"data: \"{text}\"\n\n\"{text}\"", Encoding.UTF8.GetString(await SendAsync(split)));
        Assert.True(split.Bytes.Length < 100);
    }

    [Fact]
    public async Task A_long_text_is_written_no_faster_than_it_is_taken()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024));
        using var split = SplitJson.Rent();
        split.Write(new ContentValue(new string('z', 1024 * 1024)), EngineJson.Context.ContentValue);

        var sending = split.SendAsync(pipe.Writer, async () => await pipe.Writer.FlushAsync(TestContext.Current.CancellationToken)).AsTask();

        Assert.False(sending.IsCompleted);
        Assert.True(pipe.Reader.TryRead(out var read));
        Assert.InRange(read.Buffer.Length, 64 * 1024, 80 * 1024);
        await pipe.Reader.CompleteAsync();
        await sending;
    }

    private static byte[] Whole(RunCompleted value)
    {
        var options = new JsonSerializerOptions(EngineJson.Options);
        options.Converters.Clear();
        return JsonSerializer.SerializeToUtf8Bytes(value, new EngineJsonContext(options).RunCompleted);
    }

    private static async Task<byte[]> SendAsync(SplitJson split)
    {
        using var bytes = new MemoryStream();
        var output = PipeWriter.Create(bytes);
        await split.SendAsync(output, async () => await output.FlushAsync());
        await output.CompleteAsync();
        return bytes.ToArray();
    }
}
