using System.CommandLine;

namespace Cluster.Hosting;

/// <summary>
/// The command line of a server: every option is a configuration setting under a shorter name. It wins over the environment, which wins over appsettings.json.
/// </summary>
public sealed class SettingsCommand
{
    private readonly (Option<string> Option, string Key)[] _options;

    /// <summary>Creates the command line.</summary>
    /// <param name="description">What the program does.</param>
    /// <param name="notes">What else counts, below the options and the settings that they stand for.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="serve">Serves with the settings that were given, and gives the exit code.</param>
    public SettingsCommand(
        string description, string notes, IReadOnlyList<CommandLineSetting> settings, Func<IReadOnlyDictionary<string, string?>, CancellationToken, Task<int>> serve)
    {
        _options = [.. settings.Select(setting => (ToOption(setting), setting.Key))];
        Root = new RootCommand(
            $"""
            {description}

            Every option can also stand in appsettings.json, or in the environment with __ for the colon:
              {string.Join("\n  ", _options.Select(option => $"{option.Option.Name,-18} {option.Key}"))}
            {notes}
            """);
        foreach (var (option, _) in _options)
        {
            Root.Options.Add(option);
        }

        Root.SetAction((parsed, stop) => serve(Read(parsed), stop));
    }

    /// <summary>Gets the command, for further verbs.</summary>
    public RootCommand Root { get; }

    /// <summary>Runs the program.</summary>
    /// <param name="args">The arguments.</param>
    /// <returns>The exit code.</returns>
    public Task<int> RunAsync(string[] args)
    {
        // The host listens for signals itself. Beside it the command line would end the process two seconds after one, in the middle of the shutdown.
        return Root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    /// <summary>Gives the settings that stand on a command line.</summary>
    /// <param name="parsed">The command line.</param>
    /// <returns>The settings by their keys.</returns>
    public IReadOnlyDictionary<string, string?> Read(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return _options.Where(option => parsed.GetValue(option.Option) is not null).ToDictionary(option => option.Key, option => parsed.GetValue(option.Option));
    }

    private static Option<string> ToOption(CommandLineSetting setting) =>
        new(setting.Option) { Description = $"{setting.Description} [default: {setting.DefaultValue}]", Recursive = setting.IsForVerbs };
}

/// <summary>A setting that can stand on the command line.</summary>
/// <param name="Option">The option's name, with its dashes.</param>
/// <param name="Key">The setting's key in configuration.</param>
/// <param name="Description">What it is.</param>
/// <param name="DefaultValue">What counts without it.</param>
/// <param name="IsForVerbs">True when further verbs of the program take it too.</param>
public sealed record CommandLineSetting(string Option, string Key, string Description, string DefaultValue, bool IsForVerbs = false);
