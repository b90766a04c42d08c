using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace Cluster.Contract.Tests.Deployment;

/// <summary>Reads YAML files of the repository as JSON, whose scalars are all strings.</summary>
internal static class Yaml
{
    public static JsonNode[] ReadAll(string path)
    {
        using var reader = new StreamReader(Path.Combine(Repository.Root, path));
        var parser = new MergingParser(new Parser(reader));
        var deserializer = new DeserializerBuilder().Build();
        var documents = new List<JsonNode>();
        parser.Consume<StreamStart>();
        while (parser.Accept<DocumentStart>(out _))
        {
            documents.Add(ToJson(deserializer.Deserialize<object>(parser))!);
        }

        return [.. documents];
    }

    public static JsonNode Read(string path) => ReadAll(path).Single();

    /// <summary>Gets the children of a list; none where there is no list.</summary>
    public static IEnumerable<JsonNode> Items(this JsonNode? list) => list is JsonArray array ? array.Select(item => item!) : [];

    /// <summary>Gets the members of a map; none where there is no map.</summary>
    public static IEnumerable<KeyValuePair<string, JsonNode?>> Members(this JsonNode? map) => map is JsonObject members ? members : [];

    public static string Text(this JsonNode? node) => node!.GetValue<string>();

    public static int Number(this JsonNode? node) => int.Parse(node.Text(), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Gets everything below a node that stands under a name, at whatever depth.</summary>
    public static IEnumerable<JsonNode> Find(this JsonNode? node, string name) => node switch
    {
        JsonObject map => map.SelectMany(member => member.Key == name && member.Value is not null ? [member.Value] : member.Value.Find(name)),
        JsonArray list => list.SelectMany(item => item.Find(name)),
        _ => [],
    };

    private static JsonNode? ToJson(object? value) => value switch
    {
        null => null,
        IDictionary<object, object> map => new JsonObject(map.Select(member => KeyValuePair.Create((string)member.Key, ToJson(member.Value)))),
        IList<object> list => new JsonArray([.. list.Select(ToJson)]),
        _ => JsonValue.Create((string)value),
    };
}
