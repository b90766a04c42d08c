using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Cluster.Hosting;
using Cluster.Storage.Maintenance;

namespace Cluster.Standalone.Stores;

/// <summary>The verb <c>store</c>: what an operator does with a whole store.</summary>
internal static class StoreCommand
{
    /// <summary>The store is not as it should be.</summary>
    private const int Damaged = 2;

    private const string StandardStream = "-";
    private const string Compressed = ".gz";

    /// <summary>Creates the verb.</summary>
    /// <param name="settings">Reads the settings that stand on the command line.</param>
    /// <returns>The verb.</returns>
    public static Command Create(Func<ParseResult, IReadOnlyDictionary<string, string?>> settings)
    {
        var command = new Command("store", "Backs up, checks, compacts, exports, imports and prunes a store. 0 means done, 1 refused or failed, 2 that a check found damage.");
        command.Subcommands.Add(WithFile(settings, "backup", "Copies the store into FILE while the server goes on. To restore, put the copy in the place of cluster.db, and FILE.media, which holds pictures and files, in that of media, while no server runs.", false, BackUpAsync));
        command.Subcommands.Add(Plain(settings, "check", "Looks for damage: pages, logs with gaps, records that contradict their logs, rows that belong to nothing. The server may go on.", CheckAsync));
        command.Subcommands.Add(Plain(settings, "compact", "Gives back the space of what was deleted. With SQLite the server has to be stopped.", CompactAsync));
        command.Subcommands.Add(WithFile(settings, "export", "Writes everything into FILE as lines of JSON that every kind of store can take in; - is the output, a name with .gz is compressed.", true, ExportAsync));
        command.Subcommands.Add(WithFile(settings, "import", "Takes in what export wrote, into a store that is empty: all of it or nothing. - is the input, a name with .gz is compressed.", true, ImportAsync));
        command.Subcommands.Add(Prune(settings));
        return command;
    }

    private static Command Prune(Func<ParseResult, IReadOnlyDictionary<string, string?>> settings)
    {
        var olderThan = new Option<string?>("--older-than") { Description = "Only runs that were accepted so long ago: 90d, 12h, 30m, 2w.", HelpName = "AGE" };
        var keep = new Option<int?>("--keep") { Description = "Only runs that are not among the N newest.", HelpName = "N" };
        var per = new Option<string>("--per") { Description = "Whose newest runs --keep means.", DefaultValueFactory = _ => "session" };
        var agent = new Option<string?>("--agent") { Description = "Only sessions of this agent or team.", HelpName = "ID" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only count." };
        per.AcceptOnlyFromAmong("session", "agent");
        olderThan.Validators.Add(result => Refuse(result, "an age like 90d, 12h, 30m or 2w", text => Age.TryParse(text, out _)));
        keep.Validators.Add(result => Refuse(result, "a number from 1 on", text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0));
        var command = new Command("prune", "Takes away runs that have settled, with those of their members, and sessions of which nothing is left. Unfinished and paused runs stay. Needs --older-than, --keep or both.")
        {
            olderThan, keep, per, agent, dryRun,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(olderThan) is null && result.GetResult(keep) is null)
            {
                result.AddError("Say what goes: --older-than AGE, --keep N, or both.");
            }
        });
        command.SetAction((parsed, stop) => RunAsync(parsed, settings(parsed), string.Empty, work => PruneAsync(work, new StorePruning
        {
            OlderThan = Age.TryParse(parsed.GetValue(olderThan), out var age) ? age : null,
            Keep = parsed.GetValue(keep),
            KeepsPerAgent = parsed.GetValue(per) == "agent",
            ComponentId = parsed.GetValue(agent),
            IsDryRun = parsed.GetValue(dryRun),
        }), stop, "What was taken away so far is gone."));
        return command;
    }

    private static void Refuse(OptionResult result, string expected, Func<string, bool> isGood)
    {
        if (result.Tokens is [{ Value: var value }] && !isGood(value))
        {
            result.AddError($"{result.Option.Name} takes {expected}, and not '{value}'.");
        }
    }

    private static async Task<int> PruneAsync(Work work, StorePruning pruning)
    {
        var (runs, sessions) = await work.Store.PruneAsync(pruning, work.Progress, work.Stop);
        return work.Say($"{(pruning.IsDryRun ? "Would take away" : "Took away")} {runs:N0} runs and {sessions:N0} sessions.");
    }

    private static Command Plain(Func<ParseResult, IReadOnlyDictionary<string, string?>> settings, string name, string description, Func<Work, Task<int>> run)
    {
        var command = new Command(name, description);
        command.SetAction((parsed, stop) => RunAsync(parsed, settings(parsed), string.Empty, run, stop));
        return command;
    }

    private static Command WithFile(Func<ParseResult, IReadOnlyDictionary<string, string?>> settings, string name, string description, bool takesStream, Func<Work, Task<int>> run)
    {
        var file = new Argument<string>("FILE") { Description = takesStream ? "A file, or - for the standard stream." : "A file that is not there yet." };
        var command = new Command(name, description) { file };
        command.SetAction((parsed, stop) => RunAsync(parsed, settings(parsed), parsed.GetValue(file)!, run, stop));
        return command;
    }

    private static async Task<int> BackUpAsync(Work work)
    {
        var bytes = await work.Store.BackUpAsync(work.File, work.Progress, work.Stop);
        return work.Say($"Backed up into {work.File}: {Size(bytes)}.");
    }

    private static async Task<int> CheckAsync(Work work)
    {
        var report = await work.Store.CheckAsync(work.Progress, work.Stop);
        work.Progress.End();
        foreach (var problem in report.Problems)
        {
            await work.Output.WriteLineAsync(problem);
        }

        if (report.ProblemCount == 0)
        {
            return work.Say($"The store is sound: {report.Runs:N0} runs.");
        }

        work.Say($"{report.ProblemCount:N0} problems in a store of {report.Runs:N0} runs{(report.ProblemCount > report.Problems.Length ? $", the first {report.Problems.Length} of which are above" : string.Empty)}.");
        return Damaged;
    }

    private static async Task<int> CompactAsync(Work work)
    {
        var (before, after) = await work.Store.CompactAsync(work.Progress, work.Stop);
        return work.Say($"Compacted: {Size(before)} before, {Size(after)} now.");
    }

    private static async Task<int> ExportAsync(Work work)
    {
        if (work.File == StandardStream)
        {
            await using var output = Console.OpenStandardOutput();
            var written = await work.Store.ExportAsync(output, work.Progress, work.Stop);
            work.Progress.End();
            await work.Errors.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Exported {written:N0} rows."));
            return 0;
        }

        await using var draft = DraftFile.Create(work.File);
        long rows;
        await using (var file = new FileStream(draft.Path, FileMode.Open, FileAccess.Write))
        await using (var target = work.File.EndsWith(Compressed, StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionLevel.Fastest) : (Stream)file)
        {
            rows = await work.Store.ExportAsync(target, work.Progress, work.Stop);
        }

        return work.Say($"Exported {rows:N0} rows into {work.File}: {Size(draft.Complete())}.");
    }

    private static async Task<int> ImportAsync(Work work)
    {
        await using var file = work.File == StandardStream ? Console.OpenStandardInput() : new FileStream(work.File, FileMode.Open, FileAccess.Read, FileShare.Read);
        await using var source = work.File.EndsWith(Compressed, StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
        var rows = await work.Store.ImportAsync(source, work.Progress, work.Stop);
        return work.Say($"Imported {rows:N0} rows.");
    }

    private static string Size(long bytes) => bytes switch
    {
        < 10L << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} bytes"),
        < 10L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:N0} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:N0} MiB"),
    };

    private static async Task<int> RunAsync(ParseResult parsed, IReadOnlyDictionary<string, string?> settings, string file, Func<Work, Task<int>> run, CancellationToken cancellationToken, string left = "Nothing was changed.")
    {
        // Nothing that is begun here outlives a Ctrl-C: what was half done is undone first.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var (output, errors) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        var progress = new ProgressLine(errors, isTerminal: !Console.IsErrorRedirected, TimeProvider.System);
        try
        {
            return await run(new Work(StoreSettings.Open(settings), file, progress, output, errors, stopping.Token));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            progress.End();
            await errors.WriteLineAsync($"Stopped. {left}");
            return 1;
        }
        catch (Exception refusal) when (ServerProgram.IsRefusal(refusal) || refusal is UnauthorizedAccessException)
        {
            progress.End();
            await errors.WriteLineAsync(refusal.Message.ReplaceLineEndings(" "));
            return 1;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopping.Cancel();
        }
    }

    /// <summary>What a verb works with.</summary>
    private sealed record Work(IStoreMaintenance Store, string File, ProgressLine Progress, TextWriter Output, TextWriter Errors, CancellationToken Stop)
    {
        /// <summary>Says how it went.</summary>
        public int Say(FormattableString text)
        {
            Progress.End();
            Output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
            return 0;
        }
    }
}
