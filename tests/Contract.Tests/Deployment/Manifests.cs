using System.Text.Json.Nodes;

namespace Cluster.Contract.Tests.Deployment;

/// <summary>What is below k8s/.</summary>
internal static class Manifests
{
    public static string[] Folders { get; } = [.. Directory
        .EnumerateFiles(Path.Combine(Repository.Root, "k8s"), "kustomization.yaml", SearchOption.AllDirectories)
        .Select(file => Repository.Relative(Path.GetDirectoryName(file)!))
        .Order(StringComparer.Ordinal)];

    /// <summary>Gets every object that is created, without the patches of others.</summary>
    public static (string File, JsonNode Manifest)[] All { get; } = [.. Folders
        .SelectMany(folder => KustomizationOf(folder)["resources"].Items().Select(resource => $"{folder}/{resource.Text()}"))
        .Where(path => path.EndsWith(".yaml", StringComparison.Ordinal))
        .SelectMany(path => Yaml.ReadAll(path).Select(manifest => (path, manifest)))];

    public static JsonNode KustomizationOf(string folder) => Yaml.Read($"{folder}/kustomization.yaml");

    public static IEnumerable<JsonNode> OfKind(string kind) => All.Select(found => found.Manifest).Where(manifest => manifest["kind"].Text() == kind);

    /// <summary>Reads the files that a generated map is made of.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> MapOf(string name) => Folders.SelectMany(folder => KustomizationOf(folder)["configMapGenerator"].Items()
        .Where(map => map["name"].Text() == name)
        .SelectMany(map => map["envs"].Items())
        .SelectMany(file => File.ReadAllLines(Path.Combine(Repository.Root, folder, file.Text())))
        .Where(line => line is not ([] or ['#', ..]))
        .Select(line => line.Split('=', 2))
        .Select(parts => KeyValuePair.Create(parts[0], (string?)parts[1])));
}
