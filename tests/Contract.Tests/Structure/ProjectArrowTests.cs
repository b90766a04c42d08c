using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Cluster.Contract.Tests.Structure;

public sealed partial class ProjectArrowTests
{
    private const string AspNet = "Microsoft.AspNetCore";
    private const string Postgres = "Npgsql";
    private const string Orleans = "Orleans";

    /// <summary>What each project may reference, and the namespaces that it must not know. A project that is not listed fails the tests.</summary>
    private static readonly Dictionary<string, ProjectRule> Rules = new(StringComparer.Ordinal)
    {
        ["Engine"] = new([], [AspNet, Postgres, Orleans, "OpenAI", "Anthropic", "YamlDotNet"]),
        ["Storage"] = new(["Engine"], [AspNet, Orleans]),
        ["Terminal"] = new(["Engine"], [AspNet, Postgres, Orleans]),
        ["Testing"] = new(["Engine"], [AspNet, Postgres, Orleans]),
        ["Providers"] = new(["Engine"], [AspNet, Orleans]),
        ["Api"] = new(["Engine"], [Postgres, Orleans]),
        ["Hosting"] = new(["Engine"], [Postgres, Orleans]),
        ["Standalone"] = new(["Api", "Hosting", "Providers", "Storage", "Terminal"], [Orleans]),
        ["Grains.Interfaces"] = new(["Engine"], [AspNet, Postgres]),
        ["Grains"] = new(["Grains.Interfaces"], [AspNet, Postgres]),
        ["Silo"] = new(["Grains", "Hosting", "Providers", "Storage"], []),
        ["Gateway"] = new(["Api", "Grains.Interfaces", "Hosting", "Storage"], []),
    };

    public static TheoryData<string> Projects => [.. Directory.EnumerateFiles(SourceFolder, "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Repository.Relative)];

    private static string SourceFolder => Path.Combine(Repository.Root, "src");

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_exactly_the_projects_that_it_may(string project)
    {
        var references = Items(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))).Order(StringComparer.Ordinal);

        Assert.Equal(RuleOf(project).References, references);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_takes_no_package_or_framework_that_belongs_to_another_layer(string project)
    {
        var sdk = XDocument.Load(Path.Combine(Repository.Root, project)).Root!.Attribute("Sdk")!.Value;
        var implied = sdk == "Microsoft.NET.Sdk.Web" ? ["Microsoft.AspNetCore.App"] : Array.Empty<string>();
        var taken = Items(project, "PackageReference").Concat(Items(project, "FrameworkReference")).Concat(implied);

        Assert.DoesNotContain(taken, name => RuleOf(project).Forbidden.Any(forbidden => IsPartOf(name, forbidden) || IsPartOf(name, $"Microsoft.{forbidden}")));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_uses_no_namespace_that_belongs_to_another_layer(string project)
    {
        var known = Reachable(NameOf(project)).Append(NameOf(project)).ToArray();

        var violations = Repository.SourceFiles(Path.GetDirectoryName(project)!)
            .SelectMany(file => UsingDirective().Matches(File.ReadAllText(file)).Select(match => (File: Repository.Relative(file), Namespace: match.Groups[1].Value)))
            .Where(used => RuleOf(project).Forbidden.Any(name => IsPartOf(used.Namespace, name)) || (OwnerOf(used.Namespace) is { } owner && !known.Contains(owner)));

        Assert.Empty(violations);
    }

    [Theory]
    [InlineData("Cluster.Grains.Interfaces.Keys", "Grains.Interfaces")]
    [InlineData("Cluster.Grains.Interfaces", "Grains.Interfaces")]
    [InlineData("Cluster.Grains.Runs", "Grains")]
    [InlineData("Cluster.Grains.InterfacesOfOthers", "Grains")]
    [InlineData("System.Text.Json", null)]
    public void A_namespace_belongs_to_the_project_with_the_longest_name_that_it_begins_with(string name, string? owner) => Assert.Equal(owner, OwnerOf(name));

    [Fact]
    public void The_engine_s_assembly_knows_neither_web_nor_database_nor_cluster()
    {
        var references = typeof(Engine.Runs.RunEvent).Assembly.GetReferencedAssemblies().Select(reference => reference.Name!);

        Assert.DoesNotContain(references, name => new[] { AspNet, Postgres, Orleans, "Microsoft.Orleans", "Cluster" }.Any(forbidden => IsPartOf(name, forbidden)));
    }

    private static ProjectRule RuleOf(string project)
    {
        Assert.True(Rules.TryGetValue(NameOf(project), out var rule), $"{project} is not in the list of projects of {nameof(ProjectArrowTests)}. Say there what it may reference.");
        return rule;
    }

    private static string NameOf(string project) => Path.GetFileNameWithoutExtension(project);

    private static string? OwnerOf(string name) => Rules.Keys.Where(project => IsPartOf(name, $"Cluster.{project}")).MaxBy(project => project.Length);

    private static IEnumerable<string> Reachable(string project) => Rules[project].References.SelectMany(next => Reachable(next).Append(next));

    private static IEnumerable<string> Items(string project, string kind) =>
        XDocument.Load(Path.Combine(Repository.Root, project)).Descendants(kind).Select(item => item.Attribute("Include")!.Value);

    private static bool IsPartOf(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal) && (name.Length == prefix.Length || name[prefix.Length] == '.');

    [GeneratedRegex(@"^\s*(?:global\s+)?using\s+(?:static\s+)?(?:\w+\s*=\s*)?([\w.]+)[^;(]*;", RegexOptions.Multiline)]
    private static partial Regex UsingDirective();

    private sealed record ProjectRule(string[] References, string[] Forbidden);
}
