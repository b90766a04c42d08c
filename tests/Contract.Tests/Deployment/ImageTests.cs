using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Cluster.Contract.Tests.Deployment;

public sealed partial class ImageTests
{
    public static TheoryData<string> Projects => [.. Directory
        .EnumerateFiles(Path.Combine(Repository.Root, "src"), "Dockerfile", SearchOption.AllDirectories)
        .Select(file => Path.GetFileName(Path.GetDirectoryName(file)!))
        .Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_program_has_an_image()
    {
        var programs = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Where(project => XDocument.Load(project).Root!.Attribute("Sdk")!.Value == "Microsoft.NET.Sdk.Web")
            .Select(project => Path.GetFileNameWithoutExtension(project));

        Assert.Equal(programs.Order(StringComparer.Ordinal), Projects.Select(row => row.Data));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void An_image_is_built_from_exactly_the_projects_that_its_program_needs(string project)
    {
        var needed = Closure(project).Append(project).Distinct().Order(StringComparer.Ordinal).ToArray();

        Assert.Equal(needed.Select(name => $"src/{name}/{name}.csproj src/{name}/"), Copies(project).Where(copy => copy.Contains(".csproj", StringComparison.Ordinal)));
        Assert.Equal(needed.Select(name => $"src/{name}/ src/{name}/"), Copies(project).Where(copy => copy.StartsWith("src/", StringComparison.Ordinal) && copy.Split(' ')[0].EndsWith('/')));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void What_an_image_copies_is_there_and_not_ignored(string project)
    {
        var sources = Copies(project).SelectMany(copy => copy.Split(' ')[..^1]).ToArray();
        var admitted = File.ReadLines(Path.Combine(Repository.Root, ".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..]).ToArray();

        Assert.All(sources, source => Assert.True(Path.Exists(Path.Combine(Repository.Root, source)), source));
        Assert.All(sources, source => Assert.Contains(source.Split('/')[0], admitted));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void An_image_starts_its_program_as_an_unprivileged_user_without_a_shell(string project)
    {
        var dockerfile = Dockerfile(project);

        Assert.Contains("-chiseled\n", dockerfile, StringComparison.Ordinal);
        Assert.Contains("\nUSER $APP_UID\n", dockerfile, StringComparison.Ordinal);
        Assert.EndsWith($"ENTRYPOINT [\"dotnet\", \"Cluster.{project}.dll\"]\n", dockerfile, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void An_image_sets_only_settings_that_exist_and_exposes_the_port_of_its_address(string project)
    {
        var settings = Setting().Matches(Dockerfile(project)).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);

        Assert.Empty(KnownSettings.Unknown(settings.Keys));
        Assert.Matches($@"\nEXPOSE {KnownSettings.PortOf(settings[$"{project}__Url"])}\b", Dockerfile(project));
    }

    private static string Dockerfile(string project) => File.ReadAllText(Path.Combine(Repository.Root, "src", project, "Dockerfile"));

    /// <summary>Gets what is copied into the build from the repository.</summary>
    private static IEnumerable<string> Copies(string project) => Copy().Matches(Dockerfile(project)).Select(match => match.Groups[1].Value);

    private static IEnumerable<string> Closure(string project) => XDocument.Load(Path.Combine(Repository.Root, "src", project, $"{project}.csproj"))
        .Descendants("ProjectReference")
        .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value))
        .SelectMany(next => Closure(next).Append(next));

    [GeneratedRegex(@"^COPY (?!--)(.+)$", RegexOptions.Multiline)]
    private static partial Regex Copy();

    [GeneratedRegex(@"(\w+__\w+)=(\S+)")]
    private static partial Regex Setting();
}
