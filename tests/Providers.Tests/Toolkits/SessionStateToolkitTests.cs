using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits;

namespace Cluster.Providers.Tests.Toolkits;

public sealed class SessionStateToolkitTests
{
    private readonly Toolkit _toolkit = SessionStateToolkit.Create();

    [Fact]
    public async Task Values_are_remembered_read_and_forgotten()
    {
        var context = ToolCalls.NewContext("""{"a":1}""");

        await _toolkit.CallAsync("set_session_state", new { key = "b", value = new { list = new object[] { 1, "x" } } }, context);
        await _toolkit.CallAsync("set_session_state", new { key = "a", value = "two" }, context);

        Assert.Equal("""{"a":"two","b":{"list":[1,"x"]}}""", await _toolkit.CallAsync("get_session_state", null, context));
        Assert.Equal("""{"list":[1,"x"]}""", await _toolkit.CallAsync("get_session_state", new { key = "b" }, context));
        Assert.Equal("The session has forgotten 'a'.", await _toolkit.CallAsync("delete_session_state", new { key = "a" }, context));
        Assert.Equal("There is nothing under 'a'. There are: b.", await _toolkit.CallAsync("get_session_state", new { key = "a" }, context));
        Assert.Equal("There is nothing under 'a'.", await _toolkit.CallAsync("delete_session_state", new { key = "a" }, context));
        Assert.Equal("""{"b":{"list":[1,"x"]}}""", context.State.Value.GetRawText());
    }

    [Fact]
    public void The_session_s_state_is_no_argument() =>
        Assert.All(_toolkit.Tools, tool => Assert.DoesNotContain("context", tool.Parameters.GetRawText(), StringComparison.Ordinal));
}
