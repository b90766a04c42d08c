using Cluster.Silo;

return await CommandLine.RunAsync(args);
