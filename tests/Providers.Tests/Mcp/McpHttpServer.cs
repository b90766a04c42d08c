using System.Text.Json;
using Cluster.Mcp.Host;
using Cluster.Providers.Tests.Toolkits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Cluster.Providers.Tests.Mcp;

/// <summary>An MCP server on loopback, over streamable HTTP. Each request stands alone, as the protocol wants it since 2026-07-28.</summary>
public static class McpHttpServer
{
    public static Task<ToolkitServer> StartAsync(Action<WebApplication>? routes = null)
    {
        var options = TestTools.Options();
        return ToolkitServer.StartAsync(app =>
        {
            routes?.Invoke(app);
            app.MapPost("/mcp", context => AnswerAsync(context, options));
        });
    }

    private static async Task AnswerAsync(HttpContext context, McpServerOptions options)
    {
        var message = (JsonRpcMessage)(await JsonSerializer.DeserializeAsync(
            context.Request.Body, McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonRpcMessage)), context.RequestAborted))!;
        message.Context = new JsonRpcMessageContext { ProtocolVersion = context.Request.Headers["MCP-Protocol-Version"] };
        await using var transport = new StreamableHttpServerTransport { Stateless = true };
        await using var server = McpServer.Create(transport, options);
        var running = server.RunAsync(context.RequestAborted);
        context.Response.ContentType = "text/event-stream";
        if (!await transport.HandlePostRequestAsync(message, context.Response.Body, context.RequestAborted))
        {
            context.Response.ContentType = null;
            context.Response.StatusCode = StatusCodes.Status202Accepted;
        }

        await transport.DisposeAsync();
        await Task.WhenAny(running);
    }
}
