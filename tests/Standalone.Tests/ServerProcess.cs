using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Cluster.Standalone.Tests;

/// <summary>The real server in a process of its own, on a port that the system chooses.</summary>
public sealed partial class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    private ServerProcess(Process process, Task<string> output, Task<string> errors, Uri url)
    {
        _process = process;
        _output = output;
        _errors = errors;
        Client = new HttpClient { BaseAddress = url, Timeout = Timeout.InfiniteTimeSpan };
    }

    public HttpClient Client { get; }

    /// <summary>Starts the server and waits until it says that it is ready.</summary>
    public static Task<ServerProcess> StartAsync(params string[] arguments) =>
        StartInAsync(new Dictionary<string, string>(), ["--url", "http://127.0.0.1:0", .. arguments]);

    /// <summary>Starts the server with further environment variables, and with no other arguments than these.</summary>
    public static async Task<ServerProcess> StartInAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var process = Launch(environment, arguments);
        var errors = process.StandardError.ReadToEndAsync();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Ready().Match(line) is { Success: true } ready)
            {
                return new ServerProcess(process, process.StandardOutput.ReadToEndAsync(), errors, new Uri(ready.Groups[1].Value));
            }
        }

        throw new InvalidOperationException($"The server did not start: {await errors}");
    }

    /// <summary>Runs the server to its end, for calls that are expected to be refused or to print something.</summary>
    public static Task<(int ExitCode, string Output, string Errors)> RunToEndAsync(params string[] arguments) =>
        RunToEndAsync(new Dictionary<string, string>(), arguments);

    /// <summary>Runs the server to its end with further environment variables.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunToEndAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using var process = Launch(environment, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await errors);
    }

    /// <summary>Ends the process at once, as <c>kill -9</c> does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks the process to stop, as <c>kill -TERM</c> does, and waits for it.</summary>
    public async Task<int> TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync();
        await _errors;
        return _process.ExitCode;
    }

    /// <summary>Gives what the process has printed since it was ready, and all its errors, once it has ended.</summary>
    public async Task<string> PrintedAsync() => await _output + await _errors;

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private static Process Launch(IReadOnlyDictionary<string, string> environment, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Cluster.Standalone.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    [GeneratedRegex(@"Ready at (http://\S+)")]
    private static partial Regex Ready();
}
