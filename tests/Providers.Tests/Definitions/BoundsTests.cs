using System.Text;
using Cluster.Engine.Errors;
using Cluster.Providers.Definitions;

namespace Cluster.Providers.Tests.Definitions;

/// <summary>Definitions that are small on paper and large in a machine.</summary>
public sealed class BoundsTests
{
    [Theory]
    [InlineData("metadata")]
    [InlineData("session_state")]
    public void Aliases_that_stand_for_too_much_are_refused_before_they_are_followed(string key)
    {
        var yaml = new StringBuilder($"agents:\n  - id: a\n    {key}:\n      l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 12; i++)
        {
            yaml.Append($"      l{i}: &l{i} [{string.Join(", ", Enumerable.Repeat($"*l{i - 1}", 10))}]\n");
        }

        Assert.Contains("stands for more than 1000000 values with its aliases. Use fewer.", Refuse(yaml.ToString()), StringComparison.Ordinal);
    }

    [Fact]
    public void Aliases_in_keys_and_of_whole_agents_are_counted_too()
    {
        var keys = new StringBuilder("l0: &l0 {a: b, c: d}\n");
        for (var i = 1; i < 40; i++)
        {
            keys.Append($"? &l{i} {{? *l{i - 1} : *l{i - 1}}}\n: x\n");
        }

        Refuse(keys.ToString());
        Refuse("agents:\n  - &a {id: a, metadata: {b: [" + string.Join(',', Enumerable.Repeat("x", 2_000)) + "]}}\n" + string.Concat(Enumerable.Repeat("  - *a\n", 2_000)));
    }

    [Fact]
    public void Long_texts_are_not_repeated_without_end()
    {
        var yaml = $"agents:\n  - id: a\n    metadata:\n      t: &t {new string('x', 1_000_000)}\n      l: [{string.Join(", ", Enumerable.Repeat("*t", 100))}]\n";

        Assert.Contains("letters with its aliases", Refuse(yaml), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: &a [*a]", "stands inside of what it stands for")]
    [InlineData("a: &a {b: {c: *a}}", "stands inside of what it stands for")]
    public void What_stands_for_itself_is_refused(string yaml, string message) => Assert.Contains(message, Refuse(yaml), StringComparison.Ordinal);

    [Fact]
    public void Brackets_without_end_are_refused()
    {
        Assert.Contains("nested more than 128 levels deep", Refuse("a: " + new string('[', 200_000)), StringComparison.Ordinal);
        Refuse("a: " + string.Concat(Enumerable.Repeat("{a: ", 50_000)));
    }

    [Fact]
    public void Teams_in_teams_are_counted()
    {
        var yaml = new StringBuilder("agents:\n  - id: a\nteams:\n");
        for (var level = 0; level < 6; level++)
        {
            for (var i = 0; i < 10; i++)
            {
                yaml.Append($"  - id: t{level}-{i}\n    members: [{(level == 0 ? "a" : string.Join(", ", Enumerable.Range(0, 10).Select(one => $"t{level - 1}-{one}")))}]\n");
            }
        }

        Assert.Contains("more than 10000 members", Refuse(yaml.ToString()), StringComparison.Ordinal);
    }

    [Fact]
    public void Aliases_that_spare_a_few_lines_are_fine()
    {
        var agents = AgentDefinitions.Load(new StringReader("agents:\n  - id: a\n    metadata: &m {x: [1, 2]}\n  - id: b\n    metadata: *m\n"), KnownTools.None);

        Assert.Equal("""{"x":[1,2]}""", agents[1].Metadata!.Value.GetRawText());
    }

    private static string Refuse(string yaml) => Assert.Throws<InvalidRequestException>(() => AgentDefinitions.Load(new StringReader(yaml), KnownTools.None)).Message;
}
