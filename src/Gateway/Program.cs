using Cluster.Gateway;

return await CommandLine.Create().RunAsync(args);
