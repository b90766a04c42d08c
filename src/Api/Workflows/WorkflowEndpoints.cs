using Cluster.Api.Docs;
using Cluster.Api.Json;

namespace Cluster.Api.Workflows;

/// <summary>Lists workflows. There are none to define yet, but clients need a list.</summary>
internal static class WorkflowEndpoints
{
    public static IEndpointRouteBuilder MapWorkflows(this IEndpointRouteBuilder app)
    {
        app.MapGet("/workflows", ListAsync).Describe("get_workflows", "Workflows", "List the workflows");
        return app;
    }

    private static Task ListAsync(HttpResponse response) => JsonAnswer.WriteAsync(response, [], ApiJson.Context.IReadOnlyListAgentResponse);
}
