using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Limits;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Limits;

/// <summary>Callers in the same process are held to the limits too, and so are tools.</summary>
public sealed class FieldLimitTests
{
    private static readonly FieldLimits Small = new()
    {
        MessageBytes = 100,
        StateBytes = 100,
        MetadataBytes = 100,
        DependenciesBytes = 100,
        SettingsBytes = 100,
        MediaBytes = 100,
        MediaCount = 2,
        NameBytes = 20,
        AnswerBytes = 200,
    };

    private static readonly RunRequest Fits = new() { RunId = "r", SessionId = "s", AgentId = "a", Input = "hi" };

    public static MatrixTheoryData<string, string> Fields =>
        new(["message", "session_state", "metadata", "dependencies", "output_schema", "model_parameters", "images", "audio", "files"], ["just", "over"]);

    [Theory]
    [MemberData(nameof(Fields))]
    public void A_field_may_be_as_large_as_its_limit_and_no_larger(string field, string size)
    {
        var request = With(field, size == "just" ? 100 : 101);

        if (size == "just")
        {
            Small.Demand(request);
        }
        else
        {
            var refusal = Assert.Throws<TooLargeException>(() => Small.Demand(request));
            Assert.Equal((field, 101L, 100L), (refusal.Field, refusal.Size, refusal.Limit));
            Assert.Contains($"raise {refusal.Option}", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("äöü", 6)]
    [InlineData("🦊", 4)]
    [InlineData("€", 3)]
    public void A_text_is_measured_in_bytes_and_cut_between_letters(string letters, int bytes)
    {
        var text = string.Concat(Enumerable.Repeat(letters, 200));

        var beginning = FieldChecks.Beginning(text, 100);

        Assert.StartsWith(beginning, text, StringComparison.Ordinal);
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(beginning), 97 - bytes, 100);
        Assert.False(char.IsHighSurrogate(beginning[^1]));
    }

    [Fact]
    public async Task A_caller_of_the_host_is_refused_before_anything_is_kept()
    {
        await using var engine = new TestEngine(new Agent());
        var request = engine.NewRequest() with { Metadata = JsonElement.Parse($$"""{"a":"{{new string('x', 2 * 1024 * 1024)}}"}""") };

        var refusal = await Assert.ThrowsAsync<TooLargeException>(() => engine.Host.StartAsync(request, Patience.Token));

        Assert.Equal(("metadata", "Limits:MetadataBytes"), (refusal.Field, refusal.Option));
        Assert.Null(await ((ISessionStore)engine.Store).FindAsync(TestEngine.SessionId, Patience.Token));
    }

    [Fact]
    public async Task A_tool_cannot_make_the_state_larger_than_it_may_be()
    {
        var tool = Tool.Create((RunContext context) => context.State.Set("large", Builders.Json($"\"{new string('x', 200)}\"")), new ToolOptions { Name = "grow" });
        await using var engine = new TestEngine(new Agent { Tools = [tool] }, configure: services => services with { Limits = Small });
        engine.Model.AnswerWithCall("grow").Answer("done");

        var run = await engine.RunAsync(engine.NewRequest() with { SessionState = Builders.Json("""{"a":1}""") });

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.True(Assert.Single(run.Tools!.Value).ToolCallError);
        Assert.Contains("session_state has 218 bytes, and at most 100 are taken", run.Tools!.Value[0].Result, StringComparison.Ordinal);
        Assert.Equal("""{"a":1}""", run.SessionState?.GetRawText());
    }

    [Fact]
    public void A_state_that_is_too_large_already_may_shrink()
    {
        var state = new SessionState(Builders.Json($$"""{"a":"{{new string('x', 300)}}","b":"{{new string('y', 50)}}"}""")) { MaxBytes = 100 };

        Assert.True(state.Remove("b"));
        Assert.Throws<TooLargeException>(() => state.Set("c", Builders.Json($"\"{new string('z', 100)}\"")));
    }

    private static RunRequest With(string field, int bytes)
    {
        var text = new string('x', bytes);
        var json = JsonElement.Parse($$"""{"a":"{{text[8..]}}"}""");
        ImmutableArray<Media> media = [new Media { Id = "m", Content = text }];
        return field switch
        {
            "message" => Fits with { Input = text },
            "session_state" => Fits with { SessionState = json },
            "metadata" => Fits with { Metadata = json },
            "dependencies" => Fits with { Dependencies = json },
            "output_schema" => Fits with { Overrides = new RunOverrides { OutputSchema = json } },
            "model_parameters" => Fits with { Overrides = new RunOverrides { ModelParameters = new ModelParameters { Stop = [text[3..]] } } },
            "images" => Fits with { Input = Fits.Input with { Images = media } },
            "audio" => Fits with { Input = Fits.Input with { Audios = media } },
            _ => Fits with { Input = Fits.Input with { Files = media } },
        };
    }
}
