using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Cluster.Gateway.Tests.Processes;

/// <summary>One of the product's programs in a process of its own.</summary>
internal sealed partial class ProductProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private ProductProcess(Process process, Task<string> errors, Uri url)
    {
        _process = process;
        _errors = errors;
        Url = url;
    }

    /// <summary>Gets where it serves.</summary>
    public Uri Url { get; }

    /// <summary>Starts a program and waits until it says that it is ready.</summary>
    /// <param name="program">The name of its assembly.</param>
    /// <param name="settings">Its settings; it gets them by its environment.</param>
    public static async Task<ProductProcess> StartAsync(string program, IReadOnlyDictionary<string, string?> settings)
    {
        var process = Launch(program, settings, []);
        var errors = process.StandardError.ReadToEndAsync();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Ready().Match(line) is { Success: true } ready)
            {
                // It must not stand still because nobody reads what it says.
                _ = process.StandardOutput.ReadToEndAsync();
                return new ProductProcess(process, errors, new Uri(ready.Groups[1].Value));
            }
        }

        throw new InvalidOperationException($"{program} did not start: {await errors}");
    }

    /// <summary>Runs a program to its end, which has to be a good one.</summary>
    public static async Task RunToEndAsync(string program, IReadOnlyDictionary<string, string?> settings, params string[] arguments)
    {
        using var process = Launch(program, settings, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await output}{await errors}");
    }

    /// <summary>Ends the process at once, as <c>kill -9</c> does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks the process to stop, as <c>kill -TERM</c> does, and waits for it.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync();
        await _errors;
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private static Process Launch(string program, IReadOnlyDictionary<string, string?> settings, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, $"{program}.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in settings)
        {
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        return Process.Start(start)!;
    }

    [GeneratedRegex(@"(?:Ready|health) at (http://\S+)")]
    private static partial Regex Ready();
}
