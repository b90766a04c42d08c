using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Tests.Tools;

/// <summary>Arguments as models write them, and functions of other libraries.</summary>
public sealed class ArgumentTests
{
    [Theory]
    [InlineData("null")]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("[]")]
    [InlineData("\"\"")]
    [InlineData("\"null\"")]
    [InlineData("\"{}\"")]
    [InlineData("{}")]
    public async Task Saying_nothing_calls_a_tool_that_needs_nothing(string arguments)
    {
        var run = await CallAsync(Tool.Create((int limit = 7) => $"limit {limit}", new ToolOptions { Name = "look" }), arguments);

        Assert.Equal((false, "limit 7"), (run.ToolCallError, run.Result));
        Assert.Equal("{}", run.ToolArgs!.Value.GetRawText());
    }

    [Theory]
    [InlineData("null", "Error: The arguments are not a JSON object: null")]
    [InlineData("[1]", "Error: The arguments are not a JSON object: [1]")]
    [InlineData("\"{\\\"limit\\\":3}\"", "limit 3")]
    public async Task Saying_nothing_does_not_call_a_tool_that_needs_something(string arguments, string expected) =>
        Assert.Equal(expected, (await CallAsync(Tool.Create((int limit) => $"limit {limit}", new ToolOptions { Name = "look" }), arguments)).Result);

    [Fact]
    public async Task An_argument_without_a_value_takes_its_default()
    {
        var tool = Tool.Create(
            (string name = "ann", int age = 30, bool isNew = true, int? pages = 5, string? note = "none", string[]? tags = null, Size size = Size.Medium) =>
                $"{name} {age} {isNew} {pages?.ToString() ?? "null"} {note ?? "null"} {tags?.Length.ToString() ?? "null"} {size}",
            new ToolOptions { Name = "look" });

        var told = await InvokeAsync(tool, """{"name":null,"age":null,"isNew":null,"pages":null,"note":null,"tags":null,"size":null}""");

        Assert.Equal("ann 30 True null null null Medium", told);
    }

    [Fact]
    public async Task A_needed_argument_without_a_value_is_missing()
    {
        var tool = Tool.Create((string name, int age) => $"{name} {age}", new ToolOptions { Name = "look" });

        await Assert.ThrowsAnyAsync<ArgumentException>(() => InvokeAsync(tool, """{"name":null,"age":1}"""));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => InvokeAsync(tool, """{"name":"a","age":null}"""));
        Assert.Equal("a null", await InvokeAsync(Tool.Create((string a, int? b) => $"{a} {b?.ToString() ?? "null"}", new ToolOptions { Name = "look" }), """{"a":"a","b":null}"""));
    }

    [Theory]
    [InlineData("""{"count":"5"}""", "5 True 1,5 a 0")]
    [InlineData("""{"isOn":"false"}""", "1 False 1,5 a 0")]
    [InlineData("""{"isOn":"False"}""", "1 False 1,5 a 0")]
    [InlineData("""{"factor":"2.5"}""", "1 True 2,5 a 0")]
    [InlineData("""{"text":"7"}""", "1 True 1,5 7 0")]
    [InlineData("""{"items":"[1,2]"}""", "1 True 1,5 a 2")]
    public async Task A_value_that_can_only_be_meant_in_one_way_is_taken_so(string arguments, string expected)
    {
        var tool = Tool.Create(
            (int count = 1, bool isOn = true, double factor = 1.5, string text = "a", int[]? items = null) =>
                $"{count} {isOn} {factor.ToString(System.Globalization.CultureInfo.InvariantCulture).Replace('.', ',')} {text} {items?.Length ?? 0}",
            new ToolOptions { Name = "look" });

        Assert.Equal(expected, await InvokeAsync(tool, arguments));
    }

    [Fact]
    public async Task What_is_no_number_is_refused_and_told()
    {
        var run = await CallAsync(Tool.Create((int limit) => $"limit {limit}", new ToolOptions { Name = "look" }), """{"limit":"many"}""");

        Assert.True(run.ToolCallError);
    }

    [Fact]
    public async Task Whoever_writes_the_schema_says_whether_null_is_a_value()
    {
        var function = new Written("""
            {"type":"object","properties":{"a":{"type":"string"},"b":{"type":["string","null"]},"c":{"anyOf":[{"type":"integer"},{"type":"null"}]},"d":{"enum":["x",null]},
            "e":{"type":"string","nullable":true},"f":{},"g":{"$ref":"#/$defs/g"},"h":{"type":"integer"}},"$defs":{"g":{"type":"integer"}}}
            """);

        await Tool.Create(function).InvokeAsync(Builders.Json("""{"a":null,"b":null,"c":null,"d":null,"e":null,"f":null,"g":null,"h":"5","i":null}"""), NewContext(), Patience.Token);

        Assert.Equal("""{"b":null,"c":null,"d":null,"e":null,"f":null,"h":5,"i":null}""", JsonSerializer.Serialize(function.Heard));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_function_that_requires_approval_waits_for_it(int wrappers)
    {
        AIFunction function = new ApprovalRequiredAIFunction(AIFunctionFactory.Create(() => "made", "act"));
        for (var i = 0; i < wrappers; i++)
        {
            function = new Wrapper(function);
        }

        foreach (var agent in new[] { new Agent { Tools = [Tool.Create(function)] }, new Agent { Toolkits = [new Toolkit { Name = "kit", Tools = [Tool.Create(function, new ToolOptions { Name = "act" })] }] } })
        {
            await using var engine = new TestEngine(agent);
            engine.Model.AnswerWithCall("act").Answer("done");
            var paused = await engine.RunAsync();

            var run = await engine.ContinueAsync(paused.RunId, paused.Tools!.Value[0] with { Confirmed = true });

            Assert.Equal((RunStatus.Paused, true), (paused.Status, paused.Tools!.Value[0].RequiresConfirmation));
            Assert.Equal("made", run.Tools!.Value[0].Result);
        }
    }

    [Fact]
    public void A_function_that_requires_none_is_called_at_once() => Assert.False(Tool.Create(AIFunctionFactory.Create(() => "made", "act")).Options.RequiresConfirmation);

    private static readonly Func<object>[] ZeroDurations =
    [
        () => new ToolOptions { Timeout = TimeSpan.Zero },
        () => new ToolOptions { Timeout = TimeSpan.FromSeconds(-2) },
        () => new ToolOptions { Timeout = TimeSpan.FromDays(60) },
        () => new ToolOptions { CacheFor = TimeSpan.Zero },
        () => new ToolOptions { ApprovalTimeout = TimeSpan.Zero },
        () => new ToolOptions { ApprovalTimeout = Timeout.InfiniteTimeSpan },
        () => ToolOptions.Default with { ApprovalTimeout = TimeSpan.FromTicks(-1) },
        () => new ToolCallSettings { Timeout = TimeSpan.Zero },
        () => new RetrySettings { Delay = TimeSpan.FromSeconds(-1) },
        () => new Cluster.Engine.Models.ResponseCacheSettings { TimeToLive = TimeSpan.Zero },
    ];

    [Fact]
    public void A_duration_of_nothing_is_refused() => Assert.All(ZeroDurations, make => Assert.Contains("Set a duration", Assert.Throws<Cluster.Engine.Errors.InvalidRequestException>(make).Message, StringComparison.Ordinal));

    [Fact]
    public void A_time_limit_may_be_none_and_a_pause_nothing()
    {
        Assert.Equal(Timeout.InfiniteTimeSpan, new ToolOptions { Timeout = Timeout.InfiniteTimeSpan }.Timeout);
        Assert.Equal(TimeSpan.Zero, new RetrySettings { Delay = TimeSpan.Zero }.Delay);
    }

    private static async Task<ToolExecution> CallAsync(Tool tool, string arguments)
    {
        await using var engine = new TestEngine(new Agent { Tools = [tool] });
        engine.Model.Answer(call => call.UseMalformed(tool.Name, arguments, "1").Cost(1, 1).End()).Answer("done");
        return (await engine.RunAsync()).Tools!.Value[0];
    }

    private static Task<string> InvokeAsync(Tool tool, string arguments) => tool.InvokeAsync(Builders.Json(arguments), NewContext(), Patience.Token);

    private static RunContext NewContext() => new()
    {
        RunId = "run",
        Scope = new Scope(TenantId.Default, null),
        SessionId = "session",
        AgentId = "agent",
        State = new Cluster.Engine.Sessions.SessionState(Builders.Json("{}"), new Cluster.Engine.Sessions.CurrentIds(null, "session", "run")),
    };

    private enum Size
    {
        Small,
        Medium,
    }

    private sealed class Wrapper(AIFunction inner) : DelegatingAIFunction(inner);

    private sealed class Written(string schema) : AIFunction
    {
        public Dictionary<string, object?> Heard { get; private set; } = [];

        public override string Name => "written";

        public override JsonElement JsonSchema => Builders.Json(schema);

        protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
        {
            Heard = new Dictionary<string, object?>(arguments);
            return ValueTask.FromResult<object?>("done");
        }
    }
}
