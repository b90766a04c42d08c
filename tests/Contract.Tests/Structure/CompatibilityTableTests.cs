using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Cluster.Engine.Agents;
using Cluster.Engine.Runs;

namespace Cluster.Contract.Tests.Structure;

/// <summary>The tables of docs/compatibility.md say what is there: this holds them to it.</summary>
public sealed partial class CompatibilityTableTests
{
    private static readonly string[][] Parameters = Rows("| parameter |");
    private static readonly string[][] Additions = Rows("| C# | YAML |");
    private static readonly string[][] Members = Rows("| member |");

    [Fact]
    public void Every_test_that_is_named_exists()
    {
        var named = Parameters.Concat(Additions).Concat(Members).SelectMany(row => Names(row[^1])).Distinct(StringComparer.Ordinal).ToArray();
        var tests = Repository.SourceFiles("tests").ToLookup(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText);

        Assert.NotEmpty(named);
        Assert.DoesNotContain(named, name => name.Split('.') is not [var type, var method] || !tests[type].Any(text => text.Contains($" {method}(", StringComparison.Ordinal)));
    }

    [Fact]
    public void Whatever_works_is_shown_by_a_test() =>
        Assert.DoesNotContain(Parameters.Concat(Members), row => row[^2].StartsWith("yes", StringComparison.Ordinal) == (row[^1].Length == 0));

    [Fact]
    public void No_row_says_anything_else_than_the_words_above_the_table() =>
        Assert.DoesNotContain(Parameters.Concat(Members), row => !Standing().IsMatch(row[^2]));

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
    public void Every_key_of_an_agent_in_YAML_stands_in_the_table_and_the_other_way_round()
    {
        var read = Repository.SourceFiles("src/Providers/Definitions").Select(File.ReadAllText)
            .Where(text => Reader().IsMatch(text))
            .SelectMany(text => Key().Matches(text).Select(match => match.Groups[1].Value)).Concat(["model", "tools"]);
        var shown = Parameters.SelectMany(row => Names(row[3])).Concat(Additions.SelectMany(row => Names(row[1])));

        Assert.Equal(read.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), shown.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_member_of_a_run_stands_in_the_table_and_the_other_way_round() => Assert.Equal(
        typeof(RunOutput).GetProperties().Where(member => member.GetCustomAttribute<JsonIgnoreAttribute>() is null).Select(member => member.Name).Where(name => name != "EqualityContract").Order(StringComparer.Ordinal),
        Members.SelectMany(row => Names(row[1])).Order(StringComparer.Ordinal));

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

    [GeneratedRegex("^(yes|default only|not yet|no:)(?![a-z])")]
    private static partial Regex Standing();
}
