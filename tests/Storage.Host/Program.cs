using Cluster.Storage.Host;

return args switch
{
    ["hold", var directory] => await StoreHost.HoldAsync(directory),
    ["write", var directory, var prefix] => await StoreHost.WriteAsync(directory, prefix),
    ["fill", var directory] => await StoreHost.FillAsync(directory),
    _ => throw new ArgumentException("Usage: hold <directory> | write <directory> <prefix> | fill <directory>"),
};
