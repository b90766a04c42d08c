using Cluster.Standalone;

return await CommandLine.Create().RunAsync(args);
