using Cluster.Contract.Host;
using Cluster.Engine.Runs;

await using var app = ReferenceHost.Build(args);
await app.Services.GetRequiredService<InProcessRunHosts>().RecoverAsync(CancellationToken.None);
await app.RunAsync();
