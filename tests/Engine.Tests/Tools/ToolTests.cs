using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Tools;

public sealed class ToolTests
{
    private static readonly RunContext Context = new() { RunId = "r", SessionId = "s", AgentId = "a", Scope = new Scope(TenantId.Default, "ann"), ToolCallId = "c1", State = new SessionState(Builders.Json("{}")) };

    [Fact]
    public void A_tool_is_named_after_its_method_in_snake_case()
    {
        Assert.Equal("get_weather", Tool.Create(SampleTools.GetWeather).Name);
    }

    [Fact]
    public void A_tool_of_an_asynchronous_method_drops_the_suffix()
    {
        Assert.Equal("find_place", Tool.Create(SampleTools.FindPlaceAsync).Name);
    }

    [Fact]
    public void A_tool_of_a_local_function_has_the_name_that_was_written()
    {
        Assert.Equal("add_up", Tool.Create(AddUp).Name);

        static int AddUp(int a, int b) => a + b;
    }

    [Fact]
    public void A_tool_of_a_lambda_needs_a_name()
    {
        Assert.Throws<InvalidRequestException>(() => Tool.Create((int a) => a));
        Assert.Equal("given", Tool.Create((int a) => a, new ToolOptions { Name = "given" }).Name);
    }

    [Fact]
    public void Descriptions_come_from_the_xml_documentation()
    {
        var tool = Tool.Create(SampleTools.GetWeather);

        Assert.Equal("Tells the weather of a city.", tool.Description);
        Assert.Equal("The city's name.", Property(tool, "city").GetProperty("description").GetString());
    }

    [Fact]
    public void Attributes_win_over_the_xml_documentation_and_options_over_both()
    {
        var tool = Tool.Create(SampleTools.Described);

        Assert.Equal("The attribute says so.", tool.Description);
        Assert.Equal("The attribute's text.", Property(tool, "text").GetProperty("description").GetString());
        Assert.Equal("Mine.", Tool.Create(SampleTools.Described, new ToolOptions { Description = "Mine." }).Description);
    }

    [Fact]
    public void Overloads_have_their_own_documentation()
    {
        var one = Tool.Create((Func<int, string>)SampleTools.Overloaded);
        var two = Tool.Create((Func<string, int, string>)SampleTools.Overloaded);

        Assert.Equal(("Overload of one.", "One's a."), (one.Description, Property(one, "a").GetProperty("description").GetString()));
        Assert.Equal(("Overload of two.", "Two's a."), (two.Description, Property(two, "a").GetProperty("description").GetString()));
    }

    [Fact]
    public void A_method_without_documentation_has_an_empty_description()
    {
        Assert.Equal(string.Empty, Tool.Create(SampleTools.Undocumented).Description);
    }

    [Fact]
    public void What_the_loop_fills_in_is_hidden_from_the_model()
    {
        Assert.Equal(["near"], Tool.Create(SampleTools.FindPlaceAsync).Parameters.GetProperty("properties").EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public void Parameters_with_defaults_are_not_required()
    {
        Assert.Equal(["city"], Tool.Create(SampleTools.GetWeather).Parameters.GetProperty("required").EnumerateArray().Select(name => name.GetString()));
    }

    [Theory]
    [InlineData("""{"city":"Oslo"}""", "Oslo in Celsius")]
    [InlineData("""{"city":"Oslo","unit":"Kelvin"}""", "Oslo in Kelvin")]
    [InlineData("""{"city":"Oslo","unknown":1}""", "Oslo in Celsius")]
    public async Task Arguments_are_bound_with_defaults_and_enums(string arguments, string expected)
    {
        Assert.Equal(expected, await Tool.Create(SampleTools.GetWeather).InvokeAsync(Builders.Json(arguments), Context, Patience.Token));
    }

    [Fact]
    public async Task Records_the_run_and_the_token_are_bound()
    {
        var result = await Tool.Create(SampleTools.FindPlaceAsync).InvokeAsync(Builders.Json("""{"near":{"name":"Oslo","at":[1.5,2]}}"""), Context, Patience.Token);

        Assert.Equal("""{"name":"Oslo for ann","at":[1.5,2]}""", result);
    }

    [Fact]
    public async Task A_tool_hears_that_it_is_to_stop()
    {
        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Tool.Create(SampleTools.FindPlaceAsync).InvokeAsync(Builders.Json("""{"near":{"name":"Oslo","at":[]}}"""), Context, stopped.Token));
    }

    [Fact]
    public async Task Results_are_told_as_text()
    {
        Assert.Equal("None", await CallAsync(() => (string?)null));
        Assert.Equal("None", await CallAsync(() => { }));
        Assert.Equal("None", await CallAsync(() => Task.CompletedTask));
        Assert.Equal("5", await CallAsync(() => 5));
        Assert.Equal("a \"quoted\" text", await CallAsync(() => "a \"quoted\" text"));
        Assert.Equal("""{"a":1}""", await CallAsync(() => Builders.Json("""{"a":1}""")));
        Assert.Equal("[1,2]", await CallAsync(() => Enumerable.Range(1, 2).ToArray()));
        Assert.Equal("late", await CallAsync(async () =>
        {
            await Task.Yield();
            return "late";
        }));
    }

    [Fact]
    public async Task Letters_beyond_ascii_stay_readable_in_results()
    {
        Assert.Equal("""{"name":"Tromsø"}""", await CallAsync(() => new { name = "Tromsø" }));
    }

    [Fact]
    public async Task Arguments_that_are_no_object_are_refused()
    {
        await Assert.ThrowsAsync<InvalidRequestException>(() => Tool.Create(SampleTools.Undocumented).InvokeAsync(Builders.Json("[]"), Context, Patience.Token));
    }

    [Theory]
    [InlineData("unit", "city", 1)]
    [InlineData("city", "unit", 0)]
    [InlineData("", "", 0)]
    public void What_a_human_fills_in_is_not_in_the_schema_of_the_model(string field, string left, int required)
    {
        ArgumentNullException.ThrowIfNull(field);
        var tool = Tool.Create(SampleTools.GetWeather, new ToolOptions { UserInputFields = field.Length == 0 ? [] : [field] });

        Assert.Equal(left, string.Join(' ', tool.Parameters.GetProperty("properties").EnumerateObject().Select(property => property.Name)));
        Assert.Equal(required, tool.Parameters.TryGetProperty("required", out var names) ? names.GetArrayLength() : 0);
        Assert.Equal(2, tool.AllParameters.GetProperty("properties").GetPropertyCount());
    }

    [Fact]
    public void A_toolkit_offers_what_is_included_and_not_excluded()
    {
        var kit = new Toolkit { Name = "kit", Tools = [.. "abc".Select(name => Tool.Create(() => name, new ToolOptions { Name = $"{name}" }))] };

        Assert.Equal("abc", Offered(kit));
        Assert.Equal("ac", Offered(kit with { Include = ["c", "a"] }));
        Assert.Equal("ac", Offered(kit with { Exclude = ["b"] }));
        Assert.Equal("a", Offered(kit with { Include = ["a", "b"], Exclude = ["b"] }));

        static string Offered(Toolkit toolkit) => string.Concat(toolkit.Offered.Select(tool => tool.Name));
    }

    [Fact]
    public void An_agent_with_a_tool_is_made_of_less_than_a_kibibyte()
    {
        _ = NewAgent();

        var before = GC.GetAllocatedBytesForCurrentThread();
        var agent = NewAgent();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.InRange(allocated, 1, 1_023);
        Assert.Equal("get_weather", Assert.Single(agent.OfferedTools).Name);

        static Agent NewAgent() => new() { Name = "Weather", Instructions = "Tell the weather.", Tools = [Tool.Create(SampleTools.GetWeather)] };
    }

    private static Task<string> CallAsync(Delegate method) =>
        Tool.Create(method, new ToolOptions { Name = "tool" }).InvokeAsync(Builders.Json("{}"), Context, Patience.Token);

    private static JsonElement Property(Tool tool, string name) => tool.Parameters.GetProperty("properties").GetProperty(name);
}
