using Microsoft.OpenApi;

namespace Cluster.Api.Docs;

/// <summary>Says in the API description what the framework cannot see: handlers read forms, queries and bodies themselves.</summary>
internal static class EndpointDescriptions
{
    /// <summary>Names an endpoint.</summary>
    public static RouteHandlerBuilder Describe(this RouteHandlerBuilder endpoint, string operationId, string tag, string summary) =>
        endpoint.WithName(operationId).WithTags(tag).WithSummary(summary);

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
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                });
            }

            return Task.CompletedTask;
        });

    /// <summary>Describes the fields of a form.</summary>
    public static RouteHandlerBuilder WithForm(this RouteHandlerBuilder endpoint, BodyDescription body) =>
        endpoint.WithBody(body, body.HasFiles ? ["multipart/form-data", "application/x-www-form-urlencoded"] : ["application/x-www-form-urlencoded", "multipart/form-data"]);

    /// <summary>Describes the members of a JSON body.</summary>
    public static RouteHandlerBuilder WithJson(this RouteHandlerBuilder endpoint, BodyDescription body) => endpoint.WithBody(body, ["application/json"]);

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
