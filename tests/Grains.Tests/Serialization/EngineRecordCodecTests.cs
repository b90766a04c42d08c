using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Tools;
using Cluster.Grains.Interfaces.Runs;
using Cluster.Grains.Interfaces.Serialization;
using Cluster.Grains.Interfaces.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Cluster.Grains.Tests.Serialization;

public sealed class EngineRecordCodecTests : IDisposable
{
    private static readonly RunRequest Request = new()
    {
        RunId = "r",
        SessionId = "s ö🦊",
        AgentId = "a",
        Input = new RunInput { InputContent = new ContentValue(null, JsonElement.Parse("""{"q":[1,"\u0000"]}""")) },
        Metadata = JsonElement.Parse("""{"k":null}"""),
    };

    private readonly ServiceProvider _services = new ServiceCollection().AddEngineRecords().BuildServiceProvider();

    private Serializer Serializer => _services.GetRequiredService<Serializer>();

    public void Dispose() => _services.Dispose();

    [Fact]
    public void A_record_inside_of_a_message_comes_back_as_it_was()
    {
        var start = new RunStart(Request, new RunWatch("w", -1, WithOutcome: true));

        var read = RoundTrip(start);

        Assert.Equal(ToJson(start.Request), ToJson(read.Request));
        Assert.Equal(start.Watch, read.Watch);
    }

    [Fact]
    public void Records_in_arrays_and_in_members_of_their_base_type_come_back_as_what_they_were()
    {
        RunEvent[] events = [new RunAccepted(Request) { CreatedAt = 1 }, new RunContent { Content = "Hi", EventIndex = 0 }, new RunCompleted { Content = "Hi", EventIndex = 1 }];
        var news = new RunNews { RunId = "r", Generation = 2, Events = new RunEventBatch([.. events]), IsEnd = true, Outcome = new RunOutput { RunId = "r" } };
        ImmutableArray<RunRecord> records = [new RunRecord(1, true, new RunOutput { RunId = "r", Metrics = RunMetrics.None with { TotalTokens = 7 } })];

        var readNews = RoundTrip(news);
        var readEvents = RoundTrip(events);
        var readRecords = RoundTrip(records);
        var readAnswers = RoundTrip(new SessionContinuation(new RunContinuation("r", [new ToolExecution { ToolCallId = "c" }]) { From = ContinuationPoint.At(3) }, null));

        Assert.Equal(events.Select(ToJson), readNews.Events.Events.Select(ToJson));
        Assert.Equal(events.Select(ToJson), readEvents.Select(ToJson));
        Assert.Equal(7, Assert.Single(readRecords).Output.Metrics?.TotalTokens);
        Assert.Equal("c", Assert.Single(readAnswers.Continuation.Tools!.Value).ToolCallId);
        Assert.Equal(ContinuationPoint.At(3), readAnswers.Continuation.From);
    }

    [Fact]
    public void A_record_that_stands_twice_in_a_message_is_written_once()
    {
        var session = new SessionRecord { SessionId = new string('x', 10_000) };

        var bytes = Serializer.SerializeToArray<object[]>([session, session]);
        var read = Serializer.Deserialize<object[]>(bytes)!;

        Assert.InRange(bytes.Length, 10_000, 11_000);
        Assert.Same(read[0], read[1]);
    }

    [Fact]
    public void A_record_that_is_not_known_here_is_refused()
    {
        var bytes = Serializer.SerializeToArray<object>(new RunOutput { RunId = "r" });
        bytes.AsSpan().Slice(bytes.AsSpan().IndexOf("RunOutput"u8), 9).Replace((byte)'O', (byte)'X');

        var failure = Assert.ThrowsAny<SerializerException>(() => Serializer.Deserialize<object>(bytes));

        Assert.Contains("RunXutput", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_on_the_wire_is_the_engine_s_json()
    {
        var output = new RunOutput { RunId = "r", Content = "ö" };

        var wire = Encoding.UTF8.GetString(Serializer.SerializeToArray<object>(output));

        Assert.Contains(JsonSerializer.Serialize(output, EngineJson.Context.RunOutput), wire, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_records_that_the_engine_s_JSON_knows_may_cross()
    {
        var codec = _services.GetRequiredService<EngineRecordCodec>();

        Assert.All([typeof(RunOutput), typeof(RunContent), typeof(SessionRecord)], type => Assert.True(codec.IsTypeAllowed(type)));
        Assert.All([typeof(RunOwner), typeof(RunFeed), typeof(EngineJson), typeof(Process)], type => Assert.Null(codec.IsTypeAllowed(type)));
    }

    private T RoundTrip<T>(T value)
        where T : notnull =>
        Serializer.Deserialize<T>(Serializer.SerializeToArray(value)) ?? throw new InvalidOperationException("Nothing came back.");

    private static string ToJson(RunRequest request) => JsonSerializer.Serialize(request, EngineJson.Context.RunRequest);

    private static string ToJson(RunEvent next) => JsonSerializer.Serialize(next, EngineJson.Context.RunEvent);
}
