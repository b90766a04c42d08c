using Cluster.Mcp.Host;
using ModelContextProtocol.Server;

if (args is ["mute", var pidFile])
{
    await File.WriteAllTextAsync(pidFile, $"{Environment.ProcessId}");
    await Console.In.ReadToEndAsync();
    return 0;
}

if (args is ["ended"])
{
    await Console.Error.WriteLineAsync("no license for key s3cret-token");
    return 3;
}

if (args is ["noisy"])
{
    Console.WriteLine("Welcome!\n{\"half\": \n[1,2]\n\"text\"");
}

await using var transport = new StdioServerTransport("test");
await using var server = McpServer.Create(transport, TestTools.Options());
await server.RunAsync();
return 0;
