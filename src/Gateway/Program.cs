using Cluster.Gateway;

return await CommandLine.RunAsync(args);
