using System.Text.Json.Nodes;

namespace Cluster.Contract.Tests.Deployment;

/// <summary>Something in the manifests that makes pods.</summary>
/// <param name="File">Where it stands.</param>
/// <param name="Manifest">What it says.</param>
internal sealed record Workload(string File, JsonNode Manifest)
{
    public static Workload[] All { get; } = [.. Manifests.All
        .Where(found => found.Manifest["kind"].Text() is "Deployment" or "StatefulSet" or "Job")
        .Select(found => new Workload(found.File, found.Manifest))];

    public string Name => Manifest["metadata"]!["name"].Text();

    public JsonNode Pod => Manifest["spec"]!["template"]!["spec"]!;

    public JsonNode Labels => Manifest["spec"]!["template"]!["metadata"]!["labels"]!;

    public JsonNode Container => Pod["containers"].Items().Single();

    public IEnumerable<string> PortNames => Container["ports"].Items().Select(port => port["name"].Text());

    /// <summary>Gets the settings that are written in the manifests; those that come from elsewhere at run time have no value.</summary>
    public IReadOnlyDictionary<string, string?> Settings => Container["envFrom"].Items()
        .Where(source => source["configMapRef"] is not null)
        .SelectMany(source => Manifests.MapOf(source["configMapRef"]!["name"].Text()))
        .Concat(Container["env"].Items().Select(variable => KeyValuePair.Create(variable["name"].Text(), variable["value"]?.Text())))
        .ToDictionary(StringComparer.Ordinal);

    public bool IsOurs => Container["image"].Text().StartsWith("cluster-", StringComparison.Ordinal);

    public string PortOf(string name) => Container["ports"].Items().Single(port => port["name"].Text() == name)["containerPort"].Text();
}
