using Cluster.Contract.Host;
using Cluster.Engine.Runs;

await using var app = ReferenceHost.Build(args);
await app.Services.GetRequiredService<InProcessRunHost>().RecoverAsync(CancellationToken.None);
await app.RunAsync();
