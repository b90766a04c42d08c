using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Cluster.Storage.Sqlite;

namespace Cluster.Storage.Host;

/// <summary>A process with a store that tests can kill. It says on its output what was acknowledged, a line each.</summary>
internal static class StoreHost
{
    private const int Writers = 16;
    private const int Appends = 3;

    /// <summary>Opens a store and keeps it until its input ends.</summary>
    public static async Task<int> HoldAsync(string directory)
    {
        using var database = Open(directory);
        var store = new SqliteStore(database, TenantId.Default);
        await Console.Out.WriteLineAsync("open");
        await Console.In.ReadToEndAsync();
        return 0;
    }

    /// <summary>Writes runs until somebody kills it: "run events ." for each acknowledged change, the dot for the end of the line.</summary>
    public static async Task<int> WriteAsync(string directory, string prefix)
    {
        using var database = Open(directory);
        var store = new SqliteStore(database, TenantId.Default);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => WriteRunsAsync(store, $"{prefix}-{writer}")));
        return 0;
    }

    /// <summary>Writes until the disk takes no more, then says why.</summary>
    public static async Task<int> FillAsync(string directory)
    {
        using var database = Open(directory);
        var store = new SqliteStore(database, TenantId.Default);
        for (var count = 0; ; count++)
        {
            try
            {
                await store.CreateAsync(new SessionRecord { SessionId = $"s{count}", SessionName = new string('x', 1_000) });
                await Console.Out.WriteLineAsync($"s{count} .");
            }
            catch (UnavailableException full)
            {
                await Console.Out.WriteLineAsync($"refused: {full.Message}");
                return 0;
            }
        }
    }

    private static SqliteDatabase Open(string directory) => SqliteDatabase.Open(new SqliteStorageOptions { Directory = directory });

    private static async Task WriteRunsAsync(SqliteStore store, string prefix)
    {
        for (var count = 0; ; count++)
        {
            var runId = $"{prefix}-{count}";
            var request = new RunRequest { RunId = runId, SessionId = $"{prefix}-{count / 10}", AgentId = "a", Input = new RunInput { InputContent = "hi" } };
            var output = new RunOutput { RunId = runId, SessionId = request.SessionId };
            await store.AcceptAsync(new RunAcceptance(new RunAccepted(request), output, new SessionRecord { SessionId = request.SessionId, ComponentId = "a" }));
            await Console.Out.WriteLineAsync($"{runId} 1 .");
            for (var position = 1; position <= Appends; position++)
            {
                await store.AppendAsync(new RunAppend
                {
                    RunId = runId,
                    Generation = 1,
                    Position = position,
                    Events = [new AttemptFailed($"{runId} {position}", position)],
                    Output = output with { Status = position < Appends ? RunStatus.Running : RunStatus.Completed },
                });
                await Console.Out.WriteLineAsync($"{runId} {position + 1} .");
            }
        }
    }
}
