using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// A service that calls the agents of a cluster without HTTP. Start a silo first: dotnet run --project src/Silo
var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.UseOrleansClient(client => client.UseLocalhostClustering(30_000, "agents", "cluster").AddRunStreams().AddRunClient());
using var host = builder.Build();
await host.StartAsync();

var agents = host.Services.GetRequiredService<IAgentCatalog>().Agents.Select(agent => agent.AgentId);
Console.WriteLine($"The silos run {string.Join(", ", agents)}.");

// The same IRunHost that the API uses: runs belong to the cluster, and this process only watches.
var runs = host.Services.GetRequiredService<IRunHost>();
await foreach (var next in runs.RunStreamingAsync("clerk", "What is 2 + 3?"))
{
    Console.WriteLine(next is RunContent delta ? $"  {delta.Content}" : next.Event);
}

Console.WriteLine((await runs.RunAsync("assistant", "Hello from another service!")).Content);
await host.StopAsync();
