using System.Diagnostics;

namespace Cluster.Storage.Tests.Sqlite;

/// <summary>A process of its own with a store, made of the program in <c>tests/Storage.Host</c>.</summary>
internal sealed class StoreProcess : IDisposable
{
    private readonly Process _process;

    private StoreProcess(ProcessStartInfo start)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        _process = Process.Start(start)!;
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "Cluster.Storage.Host.dll");

    public static StoreProcess Start(params string[] arguments) => new(new ProcessStartInfo(Environment.ProcessPath is { } path && IsDotnet(path) ? path : "dotnet", [Program, .. arguments]));

    /// <summary>Starts it so that no file may grow beyond a size; the write that would fails.</summary>
    public static StoreProcess StartWithFileLimit(int kibibytes, params string[] arguments)
    {
        // The runtime's own mappings are files too, unless it may write where it executes.
        const string Script = "trap '' XFSZ; export DOTNET_EnableWriteXorExecute=0; ulimit -f \"$1\"; shift; exec dotnet \"$@\"";
        return new StoreProcess(new ProcessStartInfo("bash", ["-c", Script, "bash", $"{kibibytes}", Program, .. arguments]));
    }

    public ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken) => _process.StandardOutput.ReadLineAsync(cancellationToken);

    /// <summary>Ends it at once, as <c>kill -9</c> does, and gives what it still said.</summary>
    public async Task<string> KillAsync(CancellationToken cancellationToken)
    {
        _process.Kill();
        var rest = await _process.StandardOutput.ReadToEndAsync(cancellationToken);
        await _process.WaitForExitAsync(cancellationToken);
        return rest;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static bool IsDotnet(string path) => Path.GetFileNameWithoutExtension(path) == "dotnet";
}
