using System.Text.RegularExpressions;
using Cluster.Providers.Models.Wire;

namespace Cluster.Providers.Tests.Models.Wire;

public sealed class CallIdTests
{
    private static readonly string[] Foreign =
    [
        "call_1", "call_2", "toolu_01ABCdef", "functions.add:0", "chatcmpl-tool-0123456789abcdef0123456789abcdef01", new('x', 41), new('x', 42), new('x', 65), "a.b", "a_b", "a b", "", "\U0001F600", "Ab3dEf6h9", "123456789",
    ];

    [Theory]
    [InlineData(CallIdRule.UpTo40, "^.{1,40}$")]
    [InlineData(CallIdRule.Nine, "^[a-zA-Z0-9]{9}$")]
    [InlineData(CallIdRule.Plain64, "^[a-zA-Z0-9_-]{1,64}$")]
    public void Every_id_becomes_one_that_the_vendor_takes_and_no_two_become_the_same(object rule, string pattern)
    {
        var ids = new CallIds((CallIdRule)rule);

        var written = Foreign.Select(ids.Of).ToArray();

        Assert.All(written, id => Assert.Matches(new Regex(pattern), id));
        Assert.Equal(Foreign.Length, written.Distinct().Count());
        Assert.Equal(written, Foreign.Select(new CallIds((CallIdRule)rule).Of));
        Assert.All(Foreign.Where(id => Regex.IsMatch(id, pattern)), id => Assert.Equal(id, ids.Of(id)));
    }

    [Fact]
    public void An_id_that_is_fit_by_chance_makes_room_for_the_one_that_was_there_before()
    {
        var first = new CallIds(CallIdRule.Nine).Of("call_1");
        var ids = new CallIds(CallIdRule.Nine);

        Assert.Equal(first, ids.Of("call_1"));
        Assert.NotEqual(first, ids.Of(first));
    }

    [Fact]
    public void An_id_that_carries_a_signature_through_a_proxy_stays_as_it_is()
    {
        var id = "call_1__thought__" + new string('s', 200);

        Assert.Equal(id, new CallIds(CallIdRule.UpTo40).Of(id));
    }
}
