using Microsoft.Extensions.Configuration;

namespace Cluster.Contract.Tests.Golden;

/// <summary>A file that says, byte for byte, what leaves the process.</summary>
internal static class GoldenFile
{
    private const string UpdateSetting = "UPDATE_GOLDEN";

    private static readonly bool Updates = new ConfigurationBuilder().AddEnvironmentVariables().Build()[UpdateSetting] == "1";

    private static string Folder => Path.Combine(Repository.Root, "tests", "Contract.Tests", "Golden");

    /// <summary>Compares a text with its file, or writes the file when that was asked for.</summary>
    public static void Verify(string name, string actual)
    {
        var path = Path.Combine(Folder, name);
        if (Updates)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual + "\n");
            return;
        }

        Assert.True(File.Exists(path), $"{Repository.Relative(path)} is missing. {Remedy(actual)}");
        var expected = File.ReadAllText(path);
        Assert.True(expected == actual + "\n", $"{Repository.Relative(path)} is no longer what is written.\nexpected: {expected}actual:   {actual}\n{Remedy(actual)}");
    }

    /// <summary>Names the files of a folder that no test wrote or compared.</summary>
    public static IEnumerable<string> Unknown(string folder, IEnumerable<string> known) =>
        Directory.EnumerateFiles(Path.Combine(Folder, folder)).Select(path => Path.GetFileName(path)).Except(known);

    private static string Remedy(string actual) =>
        $"Clients and stored logs depend on these {actual.Length} characters. If the change is meant, run the tests once with {UpdateSetting}=1 and commit the file with the reason.";
}
