using System.Diagnostics;

namespace Cluster.Tests.Processes;

/// <summary>A silo or a gateway in a process of its own, whose output goes into a file.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly Words _said;
    private readonly Task _ended;

    private ServerProcess(string name, string logPath, Process process, Words said, Task ended)
    {
        Name = name;
        LogPath = logPath;
        _process = process;
        _said = said;
        _ended = ended;
    }

    public string Name { get; }

    /// <summary>Gets where the output goes.</summary>
    public string LogPath { get; }

    /// <summary>Gets a value indicating whether the process was ended or asked to end.</summary>
    public bool IsDoomed { get; private set; }

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a program and waits until it says that it is ready.</summary>
    public static async Task<ServerProcess> StartAsync(string name, string program, string logs, string readyWord, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program)]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        var said = new Words();
        var process = Process.Start(start)!;
        var path = Path.Combine(logs, $"{name}.log");
        var log = TextWriter.Synchronized(new StreamWriter(path) { AutoFlush = true });
        var ended = Task.WhenAll(
            CopyAsync(process.StandardOutput, log, said.Add),
            CopyAsync(process.StandardError, log, said.Add));
        var server = new ServerProcess(name, path, process, said, CloseAsync(ended, log));
        var ready = said.ContainAsync(readyWord);
        if (await Task.WhenAny(ready, ended).WaitAsync(Patience) != ready)
        {
            throw new InvalidOperationException($"{name} did not start; see its log in {logs}.");
        }

        return server;
    }

    /// <summary>Runs a program that is expected to end by itself, with whatever result.</summary>
    /// <returns>The exit code, and all that it wrote.</returns>
    public static async Task<(int ExitCode, string Output)> EndAsync(string program, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program)]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        using var process = Process.Start(start)!;
        try
        {
            var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync()).WaitAsync(Patience);
            await process.WaitForExitAsync();
            return (process.ExitCode, string.Concat(output));
        }
        catch (TimeoutException)
        {
            process.Kill();
            throw;
        }
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, string.Concat(output));
    }

    /// <summary>Waits until the process has written a line with a word.</summary>
    public Task SaidAsync(string word) => _said.ContainAsync(word).WaitAsync(Patience);

    /// <summary>Ends the process at once.</summary>
    public async Task KillAsync()
    {
        IsDoomed = true;
        _process.Kill();
        await _process.WaitForExitAsync();
        await _ended;
    }

    /// <summary>Asks the process to end, and waits for it.</summary>
    public async Task<int> TerminateAsync()
    {
        IsDoomed = true;
        await Signals.SendAsync(_process.Id, "TERM");
        await _process.WaitForExitAsync().WaitAsync(Patience);
        await _ended;
        return _process.ExitCode;
    }

    /// <summary>Stops the process where it is; it does not notice.</summary>
    public Task FreezeAsync() => Signals.SendAsync(_process.Id, "STOP");

    /// <summary>Lets a frozen process go on.</summary>
    public Task ThawAsync() => Signals.SendAsync(_process.Id, "CONT");

    /// <summary>Waits for the process to end by itself.</summary>
    public Task WaitForExitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private static async Task CopyAsync(StreamReader from, TextWriter to, Action<string> see)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            await to.WriteLineAsync(line);
            see(line);
        }
    }

    private static async Task CloseAsync(Task copying, TextWriter log)
    {
        await copying;
        await log.DisposeAsync();
    }
}
