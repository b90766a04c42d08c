using System.Text.Json.Nodes;
using Cluster.Engine.Json;
using Cluster.Engine.Tools;

namespace Cluster.Api.Agents;

/// <summary>Shows tools with the schemas of their arguments.</summary>
internal static class ToolParameters
{
    public static ToolResponse Describe(Tool tool)
    {
        var parameters = UniqueMembers.ToNode(tool.Parameters)!;
        foreach (var (_, property) in parameters["properties"] as JsonObject ?? [])
        {
            Prefix(property);
        }

        return new ToolResponse(tool.Name, tool.Description.Length == 0 ? null : tool.Description, parameters)
        {
            RequiresConfirmation = tool.Options.RequiresConfirmation ? true : null,
            ExternalExecution = tool.Options.ExternalExecution ? true : null,
            ApprovalType = ApprovalTypes.NameOf(tool.Options.ApprovalType),
        };
    }

    /// <summary>AgentOS puts the type in front of an argument's description, in Python's words, and the description last.</summary>
    private static void Prefix(JsonNode? property)
    {
        if (property is not JsonObject schema || schema["description"]?.GetValue<string>() is not { } description || TypeName(schema["type"]) is not { } type)
        {
            return;
        }

        var prefix = $"({type})";
        schema.Remove("description");
        schema["description"] = description.StartsWith(prefix, StringComparison.Ordinal) ? description : $"{prefix} {description}";
    }

    private static string? TypeName(JsonNode? type)
    {
        var name = type is JsonArray several ? several.Select(item => item?.GetValue<string>()).FirstOrDefault(item => item != "null") : type?.GetValue<string>();
        return name switch
        {
            "integer" => "int",
            "number" => "float",
            "boolean" => "bool",
            "array" => "list",
            "object" => "dict",
            "string" => "str",
            _ => null,
        };
    }
}
