using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Cluster.Engine.Errors;

namespace Cluster.Providers.Toolkits.Shell;

/// <summary>Runs programs and waits for them.</summary>
/// <param name="directory">Where they start.</param>
/// <param name="maxOutputBytes">How much of each output is kept.</param>
/// <param name="timeout">How long they may take.</param>
internal sealed class Command(string directory, int maxOutputBytes, TimeSpan timeout)
{
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
        var output = ReadAsync(process.StandardOutput.BaseStream, cancellationToken);
        var errors = ReadAsync(process.StandardError.BaseStream, cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
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

    /// <summary>Reads to the end, so that the program can write on, and keeps the beginning.</summary>
    private async Task<string> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var (bytes, isTruncated) = await BoundedRead.ReadAsync(stream, maxOutputBytes, cancellationToken);
        if (isTruncated)
        {
            await stream.CopyToAsync(Stream.Null, cancellationToken);
        }

        return Encoding.UTF8.GetString(bytes) + (isTruncated ? $"\n[Only the first {maxOutputBytes} bytes were kept.]" : string.Empty);
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
