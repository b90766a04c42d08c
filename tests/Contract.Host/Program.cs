using Cluster.Contract.Host;

await ReferenceHost.Build(args).RunAsync();
