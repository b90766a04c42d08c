using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Engine.Json;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Tools;

/// <summary>Turns methods into functions and schemas for models.</summary>
internal static class ToolSchema
{
    public static AIFunction CreateFunction(Delegate method, ToolOptions options)
    {
        var documentation = XmlDocumentation.Find(method.Method);
        return AIFunctionFactory.Create(method, new AIFunctionFactoryOptions
        {
            Name = options.Name ?? ToSnakeCase(method.Method.Name),
            Description = options.Description ?? Describe(method.Method) ?? documentation?.Summary,
            ConfigureParameterBinding = parameter => parameter.ParameterType == typeof(RunContext)
                ? new AIFunctionFactoryOptions.ParameterBindingOptions
                {
                    ExcludeFromSchema = true,
                    BindParameter = static (_, arguments) => arguments.Context?[typeof(RunContext)],
                }
                : default,
            MarshalResult = static (result, type, _) => ValueTask.FromResult(Marshal(result, type)),
            JsonSchemaCreateOptions = new AIJsonSchemaCreateOptions
            {
                ParameterDescriptionProvider = parameter =>
                    parameter.GetCustomAttribute<System.ComponentModel.DescriptionAttribute>()?.Description
                    ?? documentation?.Parameters.GetValueOrDefault(parameter.Name ?? string.Empty),
            },
        });
    }

    /// <summary>A result with pictures must come through as it is; the loop turns everything else into text.</summary>
    private static object? Marshal(object? result, Type? type) => result is null or ToolResult or string or JsonElement
        ? result
        : JsonSerializer.SerializeToElement(result, AIJsonUtilities.DefaultOptions.GetTypeInfo(type ?? result.GetType()));

    /// <summary>Tells whether a method is a lambda, whose name is the compiler's.</summary>
    public static bool IsNameless(MethodInfo method) => method.Name.StartsWith('<') && !method.Name.Contains("g__", StringComparison.Ordinal);

    /// <summary>Takes the arguments that a human fills in out of a schema.</summary>
    public static JsonElement ForModel(JsonElement schema, ImmutableArray<string>? userInputFields)
    {
        if (userInputFields is not { } fields || UniqueMembers.ToNode(schema) is not JsonObject copy || copy["properties"] is not JsonObject properties)
        {
            return schema;
        }

        foreach (var name in properties.Select(property => property.Key).Where(name => fields.IsEmpty || fields.Contains(name)).ToArray())
        {
            properties.Remove(name);
            if (copy["required"] is JsonArray required && required.FirstOrDefault(item => item?.GetValue<string>() == name) is { } item)
            {
                required.Remove(item);
            }
        }

        return JsonElement.Parse(copy.ToJsonString());
    }

    /// <summary>Names the fields of a tool with their AgentOS type names.</summary>
    public static IEnumerable<(string Name, string Type, string? Description)> Fields(JsonElement schema)
    {
        if (!schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        foreach (var property in properties.EnumerateObject())
        {
            var description = property.Value.TryGetProperty("description", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
            yield return (property.Name, TypeName(property.Value), description);
        }
    }

    /// <summary>Names the arguments that may not be left out.</summary>
    public static IEnumerable<string> Required(JsonElement schema) =>
        schema.TryGetProperty("required", out var required) ? required.EnumerateArray().Select(name => name.GetString()!) : [];

    /// <summary>Tells whether an argument may be null.</summary>
    public static bool TakesNull(JsonElement schema, string name) =>
        !schema.TryGetProperty("properties", out var properties) || !properties.TryGetProperty(name, out var property) || !property.TryGetProperty("type", out var type)
        || (type.ValueKind == JsonValueKind.Array && type.EnumerateArray().Any(one => one.ValueEquals("null"u8)));

    private static string TypeName(JsonElement schema)
    {
        var type = schema.TryGetProperty("type", out var value) ? value : default;
        var name = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().First().GetString() : type.ValueKind == JsonValueKind.String ? type.GetString() : null;
        return name switch
        {
            "integer" => "int",
            "number" => "float",
            "boolean" => "bool",
            "array" => "list",
            "object" => "dict",
            _ => "str",
        };
    }

    private static string? Describe(MethodInfo method) => method.GetCustomAttribute<System.ComponentModel.DescriptionAttribute>()?.Description;

    /// <summary>Compilers name local functions <c>&lt;Main&gt;g__Add|0_0</c>; models get <c>add</c>.</summary>
    private static string ToSnakeCase(string methodName)
    {
        var name = methodName;
        if (name.IndexOf("g__", StringComparison.Ordinal) is >= 0 and var start && name.IndexOf('|', StringComparison.Ordinal) is > 0 and var end)
        {
            name = name[(start + 3)..end];
        }

        return JsonNamingPolicy.SnakeCaseLower.ConvertName(name.EndsWith("Async", StringComparison.Ordinal) && name.Length > 5 ? name[..^5] : name);
    }
}
