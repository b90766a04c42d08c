using Cluster.Engine.Contexts;
using Cluster.Engine.Messages;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Contexts;

public sealed class TokenEstimatorTests
{
    private const string English =
        "The committee met on Thursday to discuss the budget for the coming year. After two hours of debate, most members agreed that the library should stay open "
        + "on weekends, although nobody could say where the money would come from. The chair promised to ask the council for an additional grant before the end of March.";

    private const string Code =
        "public static int Fibonacci(int number)\n{\n    if (number < 2)\n    {\n        return number;\n    }\n\n    var previous = 0;\n    var current = 1;\n"
        + "    for (var index = 2; index <= number; index++)\n    {\n        (previous, current) = (current, previous + current);\n    }\n\n    return current;\n}\n";

    private const string Orders =
        "{\"orders\":[{\"id\":10482,\"customer\":\"Miller\",\"total\":129.95,\"currency\":\"EUR\",\"items\":[\"lamp\",\"cable\"],\"paid\":true},"
        + "{\"id\":10483,\"customer\":\"Schmidt\",\"total\":18.5,\"currency\":\"EUR\",\"items\":[\"bulb\"],\"paid\":false}],\"page\":1,\"page_count\":17}";

    private const string Russian =
        "Комитет собрался в четверг, чтобы обсудить бюджет на будущий год. После двух часов споров большинство согласилось, что библиотека должна работать по выходным, "
        + "хотя никто не знал, откуда взять деньги.";

    private const string Chinese = "委员会星期四开会讨论了明年的预算。经过两个小时的辩论，大多数成员同意图书馆周末应该继续开放，尽管没有人知道钱从哪里来。";

    /// <summary>Gets texts with the tokens that the published vocabularies make of them.</summary>
    public static TheoryData<string, string, int> Counted => new()
    {
        { "gpt-4o", English, 60 },
        { "gpt-4o", Code, 76 },
        { "gpt-5-mini", Orders, 76 },
        { "gpt-4.1", Russian, 48 },
        { "gpt-4o", Chinese, 42 },
        { "gpt-4", English, 60 },
        { "gpt-4-turbo", Code, 76 },
        { "gpt-3.5-turbo", Orders, 72 },
        { "gpt-4", Russian, 97 },
        { "gpt-4", Chinese, 67 },
    };

    [Theory]
    [MemberData(nameof(Counted))]
    public void An_estimate_is_within_a_quarter_of_what_the_vocabulary_gives(string model, string text, int tokens)
    {
        var estimate = new TokenEstimator(model).Count(text);

        Assert.InRange(estimate, tokens * 0.75, tokens * 1.25);
    }

    [Theory]
    [InlineData("claude-sonnet-4-5")]
    [InlineData("llama3.2")]
    [InlineData("gemini-2.5-flash")]
    [InlineData("some-model")]
    public void A_family_without_a_vocabulary_at_hand_is_near_the_others(string model)
    {
        var estimate = new TokenEstimator(model).Count(English);

        Assert.InRange(estimate, 50, 80);
    }

    [Fact]
    public void No_text_is_no_token()
    {
        Assert.Equal(0, new TokenEstimator("gpt-4o").Count((string?)null));
        Assert.Equal(0, new TokenEstimator("gpt-4o").Count(string.Empty));
    }

    [Fact]
    public void Pictures_calls_and_tools_count()
    {
        var estimator = new TokenEstimator("gpt-4o");
        var plain = new Message { Id = "1", Role = MessageRole.User, Content = "look" };

        var text = estimator.Count([plain]);

        Assert.True(estimator.Count([plain with { Images = [new Media { Url = "https://example.org/a.png" }] }]) >= text + 1_000);
        Assert.True(estimator.Count([plain with { ToolCalls = [new MessageToolCall("c", new MessageFunctionCall("find", "{\"name\":\"Miller\"}"))] }]) > text + 8);
        Assert.True(estimator.Count([Tool.Create((string name, int age) => name + age, new ToolOptions { Name = "greet", Description = "Greets." })]) > 20);
    }

    [Theory]
    [InlineData("gpt-4o-mini", 128_000)]
    [InlineData("gpt-5-mini", 400_000)]
    [InlineData("gpt-4", 8_192)]
    [InlineData("openai/gpt-4.1", 1_047_576)]
    [InlineData("us.anthropic.claude-sonnet-4-5", 200_000)]
    [InlineData("llama3.2", 131_072)]
    [InlineData("never-heard-of", ModelWindows.Unknown)]
    public void A_window_is_that_of_the_model_whoever_serves_it(string model, int tokens) => Assert.Equal(tokens, ModelWindows.Of(model));
}
