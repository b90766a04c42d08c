using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;

namespace Cluster.Contract.Tests.Structure;

/// <summary>The tables of docs/compatibility.md say what is there: this holds them to it.</summary>
public sealed partial class CompatibilityTableTests
{
    private static readonly string[][] Parameters = Rows("| parameter |");
    private static readonly string[][] Additions = Rows("| C# | YAML |");
    private static readonly string[][] Members = Rows("| member |");
    private static readonly string[][] TeamParameters = Rows("| parameter of a team |");
    private static readonly string[][] TeamAdditions = Rows("| C# of a team |");
    private static readonly string[][] TeamMembers = Rows("| member of a team's run |");

    private static IEnumerable<string[]> Standings => Parameters.Concat(Members).Concat(TeamParameters).Concat(TeamMembers);

    [Fact]
    public void Every_test_that_is_named_exists()
    {
        var named = Standings.Concat(Additions).Concat(TeamAdditions).SelectMany(row => Names(row[^1])).Distinct(StringComparer.Ordinal).ToArray();
        var tests = Repository.SourceFiles("tests").ToLookup(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText);

        Assert.NotEmpty(named);
        Assert.DoesNotContain(named, name => name.Split('.') is not [var type, var method] || !tests[type].Any(text => text.Contains($" {method}(", StringComparison.Ordinal)));
    }

    [Fact]
    public void Whatever_works_is_shown_by_a_test() =>
        Assert.DoesNotContain(Standings, row => row[^2].StartsWith("yes", StringComparison.Ordinal) == (row[^1].Length == 0));

    [Fact]
    public void No_row_says_anything_else_than_the_words_above_the_table() =>
        Assert.DoesNotContain(Standings, row => !Standing().IsMatch(row[^2]));

    [Fact]
    public void Every_member_of_an_agent_stands_in_the_table_and_the_other_way_round()
    {
        var shown = Parameters.SelectMany(row => Names(row[2])).Concat(Additions.SelectMany(row => Names(row[0])))
            .Where(name => !name.StartsWith(nameof(RunRequest), StringComparison.Ordinal));

        Assert.Equal(Settings(typeof(Agent)).Order(StringComparer.Ordinal), shown.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_comes_with_a_run_is_a_member_of_the_request() =>
        Assert.DoesNotContain(
            Parameters.SelectMany(row => Names(row[2])),
            name => name.StartsWith(nameof(RunRequest), StringComparison.Ordinal) && typeof(RunRequest).GetProperty(name.Split('.')[^1]) is null);

    [Fact]
    public void Every_member_of_a_team_stands_in_the_table_and_the_other_way_round()
    {
        var all = Settings(typeof(Team)).ToArray();
        var shown = TeamParameters.SelectMany(row => Names(row[2])).Concat(TeamAdditions.SelectMany(row => Names(row[0])))
            .Where(name => !name.StartsWith(nameof(RunRequest), StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).ToArray();

        Assert.Empty(shown.Except(all, StringComparer.Ordinal));
        Assert.Empty(all.Except(Settings(typeof(Agent)), StringComparer.Ordinal).Except(shown, StringComparer.Ordinal));
    }

    [Fact]
    public void Every_key_of_an_agent_in_YAML_stands_in_the_table_and_the_other_way_round()
    {
        var shown = Parameters.SelectMany(row => Names(row[3])).Concat(Additions.SelectMany(row => Names(row[1])));

        Assert.Equal(KeysOfAgents().Order(StringComparer.Ordinal), shown.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_key_of_a_team_in_YAML_stands_in_the_table_and_the_other_way_round()
    {
        var read = Repository.SourceFiles("src/Providers/Definitions").Select(File.ReadAllText).SelectMany(text => TeamKey().Matches(text).Select(match => match.Groups[1].Value));
        var shown = TeamParameters.SelectMany(row => Names(row[3])).Concat(TeamAdditions.SelectMany(row => Names(row[1])));

        Assert.Equal(read.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), shown.Except(KeysOfAgents(), StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_member_of_a_run_stands_in_a_table_and_the_other_way_round() => Assert.Equal(
        typeof(RunOutput).GetProperties().Where(member => member.GetCustomAttribute<JsonIgnoreAttribute>() is not { Condition: JsonIgnoreCondition.Always })
            .Select(member => member.Name).Where(name => name != "EqualityContract").Order(StringComparer.Ordinal),
        Members.Concat(TeamMembers).SelectMany(row => Names(row[1])).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    private static IEnumerable<string> KeysOfAgents() => Repository.SourceFiles("src/Providers/Definitions").Select(File.ReadAllText)
        .Where(text => Reader().IsMatch(text))
        .SelectMany(text => Key().Matches(text).Select(match => match.Groups[1].Value)).Concat(["model", "tools"]).Distinct(StringComparer.Ordinal);

    /// <summary>Gives the cells of the rows of a table.</summary>
    private static string[][] Rows(string header) => [.. File.ReadLines(Path.Combine(Repository.Root, "docs", "compatibility.md"))
        .SkipWhile(line => !line.StartsWith(header, StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'))
        .Select(line => line.Trim()[1..^1].Split('|').Select(cell => cell.Trim()).ToArray())];

    private static IEnumerable<string> Names(string cell) => Name().Matches(cell).Select(match => match.Groups[1].Value);

    /// <summary>Gives the members that can be set; those of nested settings by their path.</summary>
    private static IEnumerable<string> Settings(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(member => member.SetMethod is not null)
        .SelectMany(member => member.PropertyType switch
        {
            { } settings when IsOptional(settings) => [member.Name, .. Settings(settings).Select(inner => $"{member.Name}.{inner}")],
            { } settings when IsSettings(settings) => Settings(settings).Select(inner => $"{member.Name}.{inner}"),
            _ => (IEnumerable<string>)[member.Name],
        });

    /// <summary>Settings have a value that changes nothing.</summary>
    private static bool IsSettings(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Static).Any(member => member.PropertyType == type);

    /// <summary>Settings without such a value are there or not.</summary>
    private static bool IsOptional(Type type) => type.Name.EndsWith("Settings", StringComparison.Ordinal) && !IsSettings(type);

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Name();

    [GeneratedRegex(@"\(YamlMap (?:map|agent), string owner")]
    private static partial Regex Reader();

    [GeneratedRegex(@"\b(?:map|agent)(?:\.\w+\(|, (?:owner, )?)""([a-z_]+)""")]
    private static partial Regex Key();

    [GeneratedRegex(@"\bteam\.\w+\(""([a-z_]+)""")]
    private static partial Regex TeamKey();

    [GeneratedRegex("^(yes|default only|not yet|no:)(?![a-z])")]
    private static partial Regex Standing();
}
