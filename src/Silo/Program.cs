using Cluster.Silo;

return await CommandLine.Create().RunAsync(args);
