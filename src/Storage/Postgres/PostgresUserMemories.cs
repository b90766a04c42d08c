using System.Collections.Immutable;
using Cluster.Engine.Limits;
using Cluster.Engine.Memory;
using Cluster.Engine.Scopes;
using Cluster.Storage.Sql;
using Npgsql;

namespace Cluster.Storage.Postgres;

/// <summary>Keeps what is remembered about users in PostgreSQL. Every write may be sent twice, so that a lost answer costs nothing.</summary>
/// <param name="dataSource">The database, migrated by <see cref="PostgresMigrator"/>.</param>
/// <param name="tenant">Whose memories.</param>
public sealed class PostgresUserMemories(NpgsqlDataSource dataSource, TenantId tenant) : IUserMemoryStore
{
    private readonly UserMemoryStatements _statements = new(SqlDialect.Postgres, tenant);

    private readonly PostgresDatabase _database = new(dataSource);

    /// <inheritdoc/>
    public Task<UserMemory?> AddAsync(UserMemory memory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(memory);
        FieldChecks.Demand(memory);
        var insert = _statements.ToInsert(memory);
        var find = _statements.ToFind(MemoryScope.Of(memory.UserId), memory.MemoryId);
        return _database.RunAsync(
            async (connection, token) =>
            {
                await insert.ExecuteAsync(connection, token);
                return (await find.QueryAsync(connection, _statements.Read, token)).SingleOrDefault();
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<UserMemory?> FindAsync(MemoryScope scope, string memoryId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return (await QueryAsync(_statements.ToFind(scope, memoryId), _statements.Read, cancellationToken)).SingleOrDefault();
    }

    /// <inheritdoc/>
    public async Task<UserMemoryPage> ListAsync(UserMemoryQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var memories = query.Limit == 0 ? [] : await QueryAsync(_statements.ToPage(query), _statements.Read, cancellationToken);
        var isWhole = query.Offset == 0 && memories.Count < query.Limit;
        var total = isWhole ? memories.Count : (await QueryAsync(_statements.ToCount(query), row => (int)row.GetInt64(0), cancellationToken))[0];
        return new UserMemoryPage([.. memories], total);
    }

    /// <inheritdoc/>
    public async Task<UserMemory?> UpdateAsync(MemoryScope scope, string memoryId, UserMemoryPatch patch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(patch);
        FieldChecks.Demand(patch);
        return (await QueryAsync(_statements.ToUpdate(scope, memoryId, patch), _statements.Read, cancellationToken)).SingleOrDefault();
    }

    /// <inheritdoc/>
    public Task DeleteAsync(MemoryScope scope, ImmutableArray<string> memoryIds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return QueryAsync(_statements.ToDelete(scope, memoryIds), _ => true, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<string>> ListTopicsAsync(MemoryScope scope, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        var topics = await QueryAsync(_statements.ToTopics(scope), SqlDialect.Postgres.Lists.ReadSome, cancellationToken);
        return [.. topics.SelectMany(some => some).Order(StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public async Task<MemoryUserPage> ListUsersAsync(MemoryUserQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var users = query.Limit == 0 ? [] : await QueryAsync(
            _statements.ToUsers(query), row => new MemoryUser(row.GetString(0), (int)row.GetInt64(1), row.GetInt64(2)), cancellationToken);
        var isWhole = query.Offset == 0 && users.Count < query.Limit;
        var total = isWhole ? users.Count : (await QueryAsync(_statements.ToUserCount(query), row => (int)row.GetInt64(0), cancellationToken))[0];
        return new MemoryUserPage([.. users], total);
    }

    private Task<List<TRow>> QueryAsync<TRow>(Statement statement, Func<NpgsqlDataReader, TRow> read, CancellationToken cancellationToken) =>
        _database.RunAsync((connection, token) => statement.QueryAsync(connection, read, token), cancellationToken);
}
