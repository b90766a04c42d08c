using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;

namespace Cluster.Api.Docs;

/// <summary>Serves the description of the API, and a page to read and try it. The page loads nothing from elsewhere.</summary>
internal static class DocsEndpoints
{
    public static IEndpointRouteBuilder MapDocs(this IEndpointRouteBuilder app)
    {
        if (app.ServiceProvider.GetRequiredService<IOptions<AgentOsOptions>>().Value.DocsEnabled)
        {
            app.MapOpenApi("/openapi.json");
            app.MapGet("/docs", PageAsync).ExcludeFromDescription();
        }

        return app;
    }

    /// <summary>Puts the installation's name and version on top of the description.</summary>
    public static void Configure(OpenApiOptions description) => description.AddDocumentTransformer((document, context, _) =>
    {
        var options = context.ApplicationServices.GetRequiredService<IOptions<AgentOsOptions>>().Value;
        document.Info.Title = options.Name ?? "Agno AgentOS";
        document.Info.Version = options.Version;
        document.Info.Description = options.Description;
        document.Servers?.Clear();
        return Task.CompletedTask;
    });

    private static async Task PageAsync(HttpContext http)
    {
        await using var page = typeof(DocsEndpoints).Assembly.GetManifestResourceStream("docs.html")!;
        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.ContentLength = page.Length;
        await page.CopyToAsync(http.Response.Body, http.RequestAborted);
    }
}
