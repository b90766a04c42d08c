using System.ComponentModel;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Toolkits.Shell;

/// <summary>Commands of the operating system.</summary>
public static class ShellToolkit
{
    /// <summary>Makes the toolkit <c>shell</c>.</summary>
    /// <param name="options">Whether and how commands may be run.</param>
    /// <returns>The toolkit.</returns>
    public static Toolkit Create(ShellToolkitOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new Toolkit
        {
            Name = "shell",
            Tools = [Tool.Create(new ShellTools(options).RunShellCommandAsync)],
            Instructions = options.AllowedCommands.IsEmpty ? null
                : $"Commands are run without a shell: no pipes, no redirections, no variables. The programs are: {string.Join(", ", options.AllowedCommands)}.",
        };
    }

    private sealed class ShellTools(ShellToolkitOptions options)
    {
        private readonly Command _command = new(Path.GetFullPath(options.Root), options.MaxOutputBytes, options.Timeout, TimeProvider.System);

        [Description("Runs a command and gives its exit code and what it printed.")]
        public async Task<string> RunShellCommandAsync([Description("The command line.")] string command, CancellationToken cancellationToken)
        {
            if (!options.Allow)
            {
                throw new ForbiddenException("Running commands is not allowed here. Find another way.");
            }

            var line = options.AllowedCommands.IsEmpty ? ["/bin/sh", "-c", command] : Allowed(CommandLine.Split(command));
            return ToolJson.Write(await _command.RunAsync(line, cancellationToken));
        }

        private string[] Allowed(string[] words) => options.AllowedCommands.Contains(words[0], StringComparer.Ordinal)
            ? words
            : throw new ForbiddenException($"The program '{words[0]}' is not allowed. Allowed are: {string.Join(", ", options.AllowedCommands)}.");
    }
}
