using System.Text.RegularExpressions;

namespace Cluster.Contract.Tests.Structure;

public sealed partial class FileShapeTests
{
    private const int SourceLimit = 300;
    private const int HardSourceLimit = 400;
    private const int TestLimit = 500;

    /// <summary>Source files that may have up to 400 lines, each with its reason. There are none, and that is how it should stay.</summary>
    private static readonly string[] LongerFiles = [];

    [Fact]
    public void No_source_file_is_longer_than_300_lines()
    {
        var tooLong = Lengths("src").Where(file => file.Lines > (LongerFiles.Contains(file.Path) ? HardSourceLimit : SourceLimit));

        Assert.True(!tooLong.Any(), Message(tooLong, "holds more than one idea: split the idea, not the file"));
    }

    [Fact]
    public void No_test_file_is_longer_than_500_lines()
    {
        var tooLong = Lengths("tests").Where(file => file.Lines > TestLimit);

        Assert.True(!tooLong.Any(), Message(tooLong, "tests more than one thing: split it by what is tested"));
    }

    [Fact]
    public void Types_are_partial_only_for_logging_and_generators()
    {
        var hidden = PartialTypes().Where(type => !IsForLoggingOrGenerators(type.Files))
            .Select(type => $"{type.Name} in {string.Join(", ", type.Files.Select(Repository.Relative))}");

        Assert.Empty(hidden);
    }

    [Fact]
    public void A_type_with_its_log_file_stays_within_the_limit_of_one_file()
    {
        var tooLong = PartialTypes().Select(type => (Path: type.Name, Lines: type.Files.Sum(file => File.ReadLines(file).Count()))).Where(type => type.Lines > HardSourceLimit);

        Assert.True(!tooLong.Any(), Message(tooLong, "is spread over files that are too long together"));
    }

    private static IEnumerable<(string Path, int Lines)> Lengths(string folder) =>
        Repository.SourceFiles(folder).Select(file => (Repository.Relative(file), File.ReadLines(file).Count()));

    private static string Message(IEnumerable<(string Path, int Lines)> files, string remedy) =>
        string.Join('\n', files.Select(file => $"{file.Path} has {file.Lines} lines. It {remedy}."));

    private static IEnumerable<(string Name, string[] Files)> PartialTypes() => Repository.SourceFiles("src")
        .SelectMany(file => PartialType().Matches(File.ReadAllText(file)).Select(match => (File: file, Key: $"{Path.GetDirectoryName(Repository.Relative(file))}/{match.Groups[1].Value}")))
        .GroupBy(found => found.Key, found => found.File, StringComparer.Ordinal)
        .Select(group => (group.Key, group.Distinct().ToArray()));

    private static bool IsForLoggingOrGenerators(string[] files) => files.Length switch
    {
        1 => GeneratorMark().IsMatch(File.ReadAllText(files[0])),
        2 => files.Count(file => file.EndsWith(".Log.cs", StringComparison.Ordinal)) == 1,
        _ => false,
    };

    [GeneratedRegex(@"\bpartial\s+(?:record\s+struct|record\s+class|class|record|struct|interface)\s+(\w+)")]
    private static partial Regex PartialType();

    [GeneratedRegex(@"\[(?:GeneratedRegex|LibraryImport|OptionsValidator|LoggerMessage|JsonSerializable)\b|: JsonSerializerContext\b")]
    private static partial Regex GeneratorMark();
}
