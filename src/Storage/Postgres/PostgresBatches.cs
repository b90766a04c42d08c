using System.Collections.Immutable;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Storage.Postgres.Claims;
using Cluster.Storage.Sql;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Cluster.Storage.Postgres;

/// <summary>
/// What the stores of all tenants send to PostgreSQL. Writes of concurrent callers share round trips and commits, whosever they are; each is durable when its task ends,
/// unless the server itself was told not to wait for its disk.
/// </summary>
public sealed class PostgresBatches : IAsyncDisposable
{
    private readonly DatabaseClaim? _claim;

    /// <summary>Opens the lanes. It does not own the data source.</summary>
    /// <param name="dataSource">The database, migrated by <see cref="PostgresMigrator"/>.</param>
    /// <param name="options">The limits.</param>
    /// <param name="claim">Tells whether this process may write; null when it always may.</param>
    public PostgresBatches(NpgsqlDataSource dataSource, IOptions<PostgresStorageOptions> options, DatabaseClaim? claim = null)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        ArgumentNullException.ThrowIfNull(options);
        Database = new PostgresDatabase(dataSource);
        _claim = claim;
        var acceptances = new RunAcceptances(Database);
        Acceptances = new(Observed<RunAcceptances.Item>(acceptances.WriteAsync), options.Value);
        MemberAcceptances = new(Observed<RunAcceptances.Item>(acceptances.WriteMembersAsync), options.Value);
        Appends = new(Observed<RunAppends.Item>(new RunAppends(Database).WriteAsync), options.Value);
        SessionReads = new(new SessionReads(Database).ReadAsync, options.Value);
        HistoryReads = new(new HistoryReads(Database).ReadAsync, options.Value);
    }

    /// <summary>Gets the database.</summary>
    internal PostgresDatabase Database { get; }

    /// <summary>Gets what became of the last write of a run.</summary>
    internal WriteOutcome Outcome { get; } = new(TimeProvider.System);

    internal Batcher<RunAcceptances.Item, AcceptedRun> Acceptances { get; }

    internal Batcher<RunAcceptances.Item, AcceptedRun> MemberAcceptances { get; }

    internal Batcher<RunAppends.Item, bool> Appends { get; }

    internal Batcher<SessionReads.Item, SessionRecord?> SessionReads { get; }

    internal Batcher<HistoryReads.Item, ImmutableArray<RunRecord>> HistoryReads { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Acceptances.DisposeAsync();
        await MemberAcceptances.DisposeAsync();
        await Appends.DisposeAsync();
        await SessionReads.DisposeAsync();
        await HistoryReads.DisposeAsync();
    }

    /// <summary>Refuses to write while somebody else works on the database.</summary>
    internal void DemandClaim() => _claim?.Demand();

    private Func<IReadOnlyList<TItem>, Task> Observed<TItem>(Func<IReadOnlyList<TItem>, Task> write) => batch => Outcome.ObserveAsync(() => write(batch));
}
