using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Json;

/// <summary>Names that stand twice in one object: the last one counts, and no run fails over them, wherever they came from.</summary>
public sealed class UniqueMembersTests
{
    private const string Twice = """{"a":1,"b":{"c":[{"d":1,"\u0064":2}],"c":[{"d":3,"d":{"e":4,"e":5}}]},"a":{"f":6}}""";
    private const string Once = """{"a":{"f":6},"b":{"c":[{"d":{"e":5}}]}}""";

    [Theory]
    [InlineData(Twice, Once)]
    [InlineData("""[{"a":1,"a":2},{"a":3}]""", """[{"a":2},{"a":3}]""")]
    [InlineData("""{"a":1,"\u0061":2,"A":3}""", """{"a":2,"A":3}""")]
    [InlineData("""{"":1,"":null}""", """{"":null}""")]
    [InlineData("""{"a":1.50,"b":{"a":1}}""", """{"a":1.50,"b":{"a":1}}""")]
    [InlineData("""{"a":"x","a":"\ud800"}""", """{"a":"�"}""")]
    public void Of_members_with_the_same_name_the_last_one_counts(string json, string expected)
    {
        Assert.Equal(expected, UniqueMembers.Of(JsonElement.Parse(json)).GetRawText());
        Assert.Equal(expected, UniqueMembers.Parse(json).GetRawText());
    }

    [Fact]
    public void What_repeats_nothing_is_not_written_anew()
    {
        var json = JsonElement.Parse("""{ "a" : [ 1 , { "b" : 1 } ] }""");

        Assert.Equal("""{ "a" : [ 1 , { "b" : 1 } ] }""", UniqueMembers.Of(json).GetRawText());
    }

    [Fact]
    public void Many_names_take_no_longer_for_one_that_stands_twice()
    {
        var names = string.Join(',', Enumerable.Range(0, 200_000).Select(number => $"\"n{number}\":{number}"));

        var json = UniqueMembers.Parse($$"""{{{names}},"n0":1}""");

        Assert.Equal(200_000, json.GetPropertyCount());
        Assert.Equal(1, json.EnumerateObject().First().Value.GetInt32());
    }

    [Fact]
    public async Task A_session_that_was_stored_with_names_that_stand_twice_goes_on()
    {
        string? seen = null;
        var tool = Tool.Create(
            (RunContext context) =>
            {
                seen = context.State.Value.GetProperty("b").GetRawText();
                context.State.Set("visits", Builders.Json("1"));
            },
            new ToolOptions { Name = "look" });
        await using var engine = new TestEngine(new Agent { Tools = [tool] });
        await ((ISessionStore)engine.Store).CreateAsync(new SessionRecord
        {
            SessionId = TestEngine.SessionId,
            SessionState = JsonElement.Parse(Twice),
            Metadata = JsonElement.Parse(Twice),
        }, Patience.Token);
        engine.Model.AnswerWithCall("look").Answer("done");

        var run = await engine.RunAsync(engine.NewRequest() with { SessionState = JsonElement.Parse("""{"z":1,"z":2}"""), Dependencies = JsonElement.Parse(Twice), Metadata = JsonElement.Parse(Twice) });

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Equal("""{"c":[{"d":{"e":5}}]}""", seen);
        Assert.Equal("""{"a":{"f":6},"b":{"c":[{"d":{"e":5}}]},"z":2,"visits":1}""", run.SessionState?.GetRawText());
    }

    [Fact]
    public async Task A_state_that_only_was_stored_so_is_mended_by_the_next_run()
    {
        await using var engine = new TestEngine(new Agent());
        await ((ISessionStore)engine.Store).CreateAsync(new SessionRecord { SessionId = TestEngine.SessionId, SessionState = JsonElement.Parse(Twice) }, Patience.Token);
        engine.Model.Answer("done");

        var run = await engine.RunAsync();

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(Once), run.SessionState!.Value), run.SessionState?.GetRawText());
    }

    [Fact]
    public async Task Arguments_that_a_model_writes_twice_reach_the_tool_once()
    {
        var tool = Tool.Create(
            (RunContext context, JsonElement value, string word) =>
            {
                context.State.Set("kept", value);
                return $"{word} {value.GetRawText()}";
            },
            new ToolOptions { Name = "keep" });
        await using var engine = new TestEngine(new Agent { Tools = [tool] });
        engine.Model.Answer(call => call.UseMalformed("keep", $$"""{"word":"x","value":1,"value":{{Twice}},"word":"y"}""", "call_1").End()).Answer("one").Answer("two");

        var first = await engine.RunAsync();
        var second = await engine.RunAsync();

        Assert.Equal(RunStatus.Completed, first.Status);
        Assert.Equal($"y {Once}", Assert.Single(first.Tools!.Value).Result);
        Assert.Equal($$"""{"kept":{{Once}}}""", second.SessionState?.GetRawText());
    }
}
