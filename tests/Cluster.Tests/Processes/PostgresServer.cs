using System.Diagnostics;

namespace Cluster.Tests.Processes;

/// <summary>A PostgreSQL server of its own that can be made to fail.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private readonly string _directory;

    private PostgresServer(string directory, string connectionString)
    {
        _directory = directory;
        ConnectionString = connectionString;
    }

    public string ConnectionString { get; }

    public static async Task<PostgresServer> StartAsync()
    {
        var parent = Directory.CreateTempSubdirectory("postgres-").FullName;
        // The server runs under another user than root, who has to get through.
        await RunAsync("chmod", "711", parent);
        var directory = Path.Combine(parent, "server");
        return new PostgresServer(directory, await ScriptAsync("start", directory));
    }

    /// <summary>Stops every process of the server where it is: connections stay, new ones are taken by the system, and nothing is answered.</summary>
    public Task FreezeAsync() => ShellAsync("""set -- $(head -1 "$0/postmaster.pid"); kill -STOP $1; kill -STOP $(ps -o pid= --ppid $1)""");

    /// <summary>Lets a frozen server go on.</summary>
    public Task ThawAsync() => ShellAsync("""set -- $(head -1 "$0/postmaster.pid"); kill -CONT $(ps -o pid= --ppid $1) $1""");

    /// <summary>Ends the server as a crash would: nobody is told, and connections are refused.</summary>
    public Task CrashAsync() => ShellAsync("""set -- $(head -1 "$0/postmaster.pid"); kill -QUIT $1; while kill -0 $1 2>/dev/null; do sleep 0.1; done""");

    /// <summary>Starts the server again, with its own options and under its own user, on what is on disk.</summary>
    public Task StartAgainAsync() => ShellAsync(
        """cd "$0"; [ $(id -u) = 0 ] && as="setpriv --reuid=$(stat -c %u .) --regid=$(stat -c %g .) --clear-groups"; eval "setsid $as $(cat postmaster.opts)" </dev/null >>server.log 2>&1 &""");

    public async ValueTask DisposeAsync()
    {
        await ThawAsync();
        await ScriptAsync("stop", _directory);
        Directory.Delete(Path.GetDirectoryName(_directory)!, recursive: true);
    }

    private static Task<string> ScriptAsync(string verb, string directory) => RunAsync("bash", Path.Combine(Contract.Tests.Repository.Root, "eng", "postgres.sh"), verb, directory);

    private Task<string> ShellAsync(string script) => RunAsync("bash", "-c", script, Path.Combine(_directory, "data"));

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output.Trim();
    }
}
