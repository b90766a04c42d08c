using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Cluster.Engine.Errors;

namespace Cluster.Providers.Toolkits.Shell;

/// <summary>Runs programs and waits for them.</summary>
/// <param name="directory">Where they start.</param>
/// <param name="maxOutputBytes">How much of each output is kept.</param>
/// <param name="timeout">How long they may take.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class Command(string directory, int maxOutputBytes, TimeSpan timeout, TimeProvider timeProvider)
{
    /// <summary>How long outputs are read on after the end of the program. What it left in the background may hold them open for ever.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>What a program finds of this process's environment. The rest may hold keys.</summary>
    private static readonly string[] Inherited = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER", "SystemRoot", "TEMP", "TMP"];

    /// <summary>Runs a program.</summary>
    /// <param name="line">The program and its arguments.</param>
    /// <param name="cancellationToken">Kills it, with all that it started.</param>
    public async Task<CommandOutcome> RunAsync(string[] line, CancellationToken cancellationToken)
    {
        using var process = Start(line);
        process.StandardInput.Close();
        try
        {
            return await TimeLimit.RunAsync(timeout, "The command", token => WaitAsync(process, token), cancellationToken);
        }
        finally
        {
            Kill(process);
        }
    }

    private async Task<CommandOutcome> WaitAsync(Process process, CancellationToken cancellationToken)
    {
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var output = ReadAsync(process.StandardOutput.BaseStream, reading.Token);
        var errors = ReadAsync(process.StandardError.BaseStream, reading.Token);
        await process.WaitForExitAsync(cancellationToken);
        await Task.WhenAny(Task.WhenAll(output, errors), Task.Delay(Grace, timeProvider, cancellationToken));
        await reading.CancelAsync();
        return new CommandOutcome(process.ExitCode, await output, await errors);
    }

    private Process Start(string[] line)
    {
        var start = new ProcessStartInfo(line[0], line.Skip(1))
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var name in start.Environment.Keys.Except(Inherited, StringComparer.OrdinalIgnoreCase).ToArray())
        {
            start.Environment.Remove(name);
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            throw new NotFoundException($"The program '{line[0]}' cannot be started: {(missing.NativeErrorCode == 2 ? "it, or the directory it starts in, is not there" : "it is not executable")}. Use another one.");
        }
    }

    /// <summary>Reads until the end, so that the program can write on, or until it is stopped, and keeps the beginning.</summary>
    private async Task<string> ReadAsync(Stream stream, CancellationToken stop)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[16 * 1024];
        var isTruncated = false;
        try
        {
            while (await stream.ReadAsync(buffer, stop) is > 0 and var read)
            {
                var room = maxOutputBytes - (int)kept.Length;
                await kept.WriteAsync(buffer.AsMemory(0, Math.Min(read, room)), CancellationToken.None);
                isTruncated |= read > room;
            }
        }
        catch (OperationCanceledException)
        {
            // Whoever stops it wants what there is.
        }

        return Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length) + (isTruncated ? $"\n[Only the first {maxOutputBytes} bytes were kept.]" : string.Empty);
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception gone) when (gone is InvalidOperationException or Win32Exception)
        {
            // It has ended already.
        }
    }
}

/// <summary>How a command ended.</summary>
/// <param name="ExitCode">The exit code; 0 usually means success.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Errors">What it printed as errors.</param>
internal sealed record CommandOutcome(int ExitCode, string Output, string Errors);
