using System.Collections.Immutable;
using Cluster.Engine.Limits;
using Cluster.Engine.Memory;
using Cluster.Engine.Scopes;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Sqlite;

/// <summary>Keeps what is remembered about users in SQLite.</summary>
/// <param name="database">The database, which it does not own.</param>
/// <param name="tenant">Whose memories.</param>
public sealed class SqliteUserMemories(SqliteDatabase database, TenantId tenant) : IUserMemoryStore
{
    private readonly UserMemoryStatements _statements = new(SqlDialect.Sqlite, tenant);

    /// <inheritdoc/>
    public Task<UserMemory?> AddAsync(UserMemory memory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(memory);
        FieldChecks.Demand(memory);
        var insert = _statements.ToInsert(memory);
        var find = _statements.ToFind(MemoryScope.Of(memory.UserId), memory.MemoryId);
        return database.WriteAsync(
            connection =>
            {
                connection.Execute(insert);
                return connection.Find(find, _statements.Read);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<UserMemory?> FindAsync(MemoryScope scope, string memoryId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        var statement = _statements.ToFind(scope, memoryId);
        return Task.FromResult(database.Read(connection => connection.Find(statement, _statements.Read)));
    }

    /// <inheritdoc/>
    public Task<UserMemoryPage> ListAsync(UserMemoryQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Task.FromResult(database.Read(connection =>
        {
            var memories = query.Limit == 0 ? [] : connection.Query(_statements.ToPage(query), _statements.Read);
            var isWhole = query.Offset == 0 && memories.Count < query.Limit;
            return new UserMemoryPage([.. memories], isWhole ? memories.Count : (int)connection.Number(_statements.ToCount(query))!.Value);
        }));
    }

    /// <inheritdoc/>
    public Task<UserMemory?> UpdateAsync(MemoryScope scope, string memoryId, UserMemoryPatch patch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(patch);
        FieldChecks.Demand(patch);
        var statement = _statements.ToUpdate(scope, memoryId, patch);
        return database.WriteAsync(connection => connection.Find(statement, _statements.Read), cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(MemoryScope scope, ImmutableArray<string> memoryIds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        var statement = _statements.ToDelete(scope, memoryIds);
        return database.WriteAsync(connection => connection.Execute(statement), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<string>> ListTopicsAsync(MemoryScope scope, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        var topics = database.Query(_statements.ToTopics(scope), SqlDialect.Sqlite.Lists.ReadSome);
        return Task.FromResult<ImmutableArray<string>>([.. topics.SelectMany(some => some).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
    }

    /// <inheritdoc/>
    public Task<MemoryUserPage> ListUsersAsync(MemoryUserQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Task.FromResult(database.Read(connection =>
        {
            var users = query.Limit == 0
                ? []
                : connection.Query(_statements.ToUsers(query), row => new MemoryUser(row.GetString(0), (int)row.GetInt64(1), row.GetInt64(2)));
            var isWhole = query.Offset == 0 && users.Count < query.Limit;
            return new MemoryUserPage([.. users], isWhole ? users.Count : (int)connection.Number(_statements.ToUserCount(query))!.Value);
        }));
    }
}
