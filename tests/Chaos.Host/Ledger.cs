using Microsoft.Extensions.Options;
using Npgsql;

namespace Cluster.Chaos.Host;

/// <summary>What tools did to the world, written by themselves into a database that the product knows nothing of.</summary>
/// <param name="options">Where it is, and who writes.</param>
public sealed class Ledger(IOptions<ChaosOptions> options) : IAsyncDisposable
{
    /// <summary>Few connections: a server that has none left would fail tools, and it has to do with all silos of a test.</summary>
    private readonly NpgsqlDataSource _dataSource = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(options.Value.Ledger) { MaxPoolSize = 20 });

    /// <summary>Notes what a tool call did.</summary>
    /// <param name="entry">The call.</param>
    /// <param name="hasFinished">False when the tool begins, true when its work is done.</param>
    public async Task WriteAsync(LedgerEntry entry, bool hasFinished)
    {
        await using var command = _dataSource.CreateCommand("INSERT INTO ledger (run_id, call, attempt, number, finished, silo) VALUES ($1, $2, $3, $4, $5, $6)");
        command.Parameters.Add(new NpgsqlParameter { Value = entry.RunId });
        command.Parameters.Add(new NpgsqlParameter { Value = entry.CallId });
        command.Parameters.Add(new NpgsqlParameter { Value = entry.Attempt });
        command.Parameters.Add(new NpgsqlParameter { Value = entry.Number });
        command.Parameters.Add(new NpgsqlParameter { Value = hasFinished });
        command.Parameters.Add(new NpgsqlParameter { Value = options.Value.Name });
        await command.ExecuteNonQueryAsync();
    }

    public ValueTask DisposeAsync() => _dataSource.DisposeAsync();
}

/// <summary>One execution of a tool call.</summary>
/// <param name="RunId">The run.</param>
/// <param name="CallId">The call, which may be executed several times.</param>
/// <param name="Attempt">The execution.</param>
/// <param name="Number">Which step of the run it is, from 1.</param>
public sealed record LedgerEntry(string RunId, string CallId, Guid Attempt, int Number);
