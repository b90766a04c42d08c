using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.OpenApi;

namespace Cluster.Api.Docs;

/// <summary>Says in the API description what the framework cannot see: handlers read forms, queries and bodies themselves.</summary>
internal static class EndpointDescriptions
{
    /// <summary>Names an endpoint.</summary>
    public static RouteHandlerBuilder Describe(this RouteHandlerBuilder endpoint, string operationId, string tag, string summary) =>
        endpoint.WithName(operationId).WithTags(tag).WithSummary(summary).WithRoute();

    /// <summary>Names the values in the route that no argument of the handler stands for.</summary>
    private static RouteHandlerBuilder WithRoute(this RouteHandlerBuilder endpoint) =>
        endpoint.AddOpenApiOperationTransformer((operation, context, _) =>
        {
            operation.Parameters ??= [];
            var names = RoutePatternFactory.Parse(context.Description.RelativePath ?? string.Empty).Parameters.Select(parameter => parameter.Name).ToArray();
            foreach (var (place, name) in names.Index().Where(named => operation.Parameters.All(known => known.Name != named.Item)))
            {
                operation.Parameters.Insert(place, new OpenApiParameter
                {
                    Name = name,
                    In = ParameterLocation.Path,
                    Required = true,
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                });
            }

            return Task.CompletedTask;
        });

    /// <summary>Names query parameters; a trailing exclamation mark makes one required.</summary>
    public static RouteHandlerBuilder WithQuery(this RouteHandlerBuilder endpoint, params string[] names) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            foreach (var name in names.Where(name => operation.Parameters.All(known => known.Name != name.TrimEnd('!'))))
            {
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = name.TrimEnd('!'),
                    In = ParameterLocation.Query,
                    Required = name.EndsWith('!'),
                    Schema = ToSchema(name.TrimEnd('!')),
                });
            }

            return Task.CompletedTask;
        });

    /// <summary>Describes a header that may be sent.</summary>
    public static RouteHandlerBuilder WithHeader(this RouteHandlerBuilder endpoint, FieldDescription header) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = header.Name,
                In = ParameterLocation.Header,
                Description = header.Description,
                Schema = new OpenApiSchema { Type = header.Kind == FieldKind.Number ? JsonSchemaType.Integer : JsonSchemaType.String },
            });
            return Task.CompletedTask;
        });

    /// <summary>Describes the fields of a form.</summary>
    public static RouteHandlerBuilder WithForm(this RouteHandlerBuilder endpoint, BodyDescription body) =>
        endpoint.WithBody(body, body.HasFiles ? ["multipart/form-data", "application/x-www-form-urlencoded"] : ["application/x-www-form-urlencoded", "multipart/form-data"]);

    /// <summary>Describes the members of a JSON body.</summary>
    public static RouteHandlerBuilder WithJson(this RouteHandlerBuilder endpoint, BodyDescription body) => endpoint.WithBody(body, ["application/json"]);

    /// <summary>A query parameter means the same wherever it stands.</summary>
    private static OpenApiSchema ToSchema(string name) => name switch
    {
        "limit" or "page" or "created_after" or "created_before" => new OpenApiSchema { Type = JsonSchemaType.Integer },
        "type" => Choice("agent", "team", "workflow"),
        "sort_order" => Choice("asc", "desc"),
        _ => new OpenApiSchema { Type = JsonSchemaType.String },
    };

    private static OpenApiSchema Choice(params IEnumerable<string> texts) =>
        new() { Type = JsonSchemaType.String, Enum = [.. texts.Select(text => (JsonNode)JsonValue.Create(text))] };

    private static RouteHandlerBuilder WithBody(this RouteHandlerBuilder endpoint, BodyDescription body, IReadOnlyList<string> types) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = body.IsRequired,
                Content = types.ToDictionary(type => type, _ => new OpenApiMediaType { Schema = body.ToSchema() }),
            };
            return Task.CompletedTask;
        });
}
