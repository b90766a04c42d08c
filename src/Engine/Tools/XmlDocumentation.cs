using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Cluster.Engine.Tools;

/// <summary>What the XML file beside an assembly says about a method.</summary>
/// <param name="Summary">The method's summary; null when it has none.</param>
/// <param name="Parameters">The descriptions by parameter name.</param>
internal sealed partial record XmlDocumentation(string? Summary, IReadOnlyDictionary<string, string> Parameters)
{
    private static readonly ConcurrentDictionary<Assembly, IReadOnlyDictionary<string, XElement>> Files = new();

    /// <summary>Looks a method up. Generic methods and methods of generic types are not found: their tools use attributes.</summary>
    public static XmlDocumentation? Find(MethodInfo method)
    {
        if (method.DeclaringType is not { } type || !Files.GetOrAdd(type.Assembly, Load).TryGetValue(IdOf(type, method), out var member))
        {
            return null;
        }

        return new XmlDocumentation(
            Clean(member.Element("summary")),
            member.Elements("param").Where(parameter => parameter.Attribute("name") is not null)
                .ToDictionary(parameter => parameter.Attribute("name")!.Value, parameter => Clean(parameter) ?? string.Empty));
    }

    private static IReadOnlyDictionary<string, XElement> Load(Assembly assembly)
    {
        var path = assembly.Location.Length == 0 ? null : Path.ChangeExtension(assembly.Location, ".xml");
        if (path is null || !File.Exists(path))
        {
            return new Dictionary<string, XElement>();
        }

        try
        {
            return XDocument.Load(path).Descendants("member")
                .Select(member => (Name: member.Attribute("name")?.Value, Member: member))
                .Where(entry => entry.Name?.StartsWith("M:", StringComparison.Ordinal) == true)
                .DistinctBy(entry => entry.Name)
                .ToDictionary(entry => entry.Name![2..], entry => entry.Member);
        }
        catch (XmlException)
        {
            // A broken documentation file costs descriptions, not the run.
            return new Dictionary<string, XElement>();
        }
    }

    /// <summary>Names a method as compilers do in documentation files: <c>Space.Type.Method(Space.Type,Space.List{Space.Type})</c>.</summary>
    private static string IdOf(Type type, MethodInfo method)
    {
        var parameters = string.Join(',', method.GetParameters().Select(parameter => IdOf(parameter.ParameterType)));
        return $"{IdOf(type)}.{method.Name}{(parameters.Length > 0 ? $"({parameters})" : string.Empty)}";
    }

    private static string IdOf(Type type) => type switch
    {
        { IsArray: true } => $"{IdOf(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]",
        { IsGenericType: true } => $"{NameOf(type).Split('`')[0]}{{{string.Join(',', type.GetGenericArguments().Select(IdOf))}}}",
        _ => NameOf(type),
    };

    private static string NameOf(Type type) =>
        (type.IsGenericType ? type.GetGenericTypeDefinition().FullName : type.FullName)?.Replace('+', '.') ?? type.Name;

    private static string? Clean(XElement? element)
    {
        var text = element is null ? string.Empty : Whitespace().Replace(element.Value, " ").Trim();
        return text.Length == 0 ? null : text;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Whitespace();
}
