using Cluster.Standalone;

return await new CommandLine(Server.RunAsync).RunAsync(args);
