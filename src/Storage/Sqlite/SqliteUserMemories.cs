using System.Collections.Immutable;
using Cluster.Engine.Json;
using Cluster.Engine.Limits;
using Cluster.Engine.Memory;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Sqlite;

/// <summary>Keeps what is remembered about users in SQLite.</summary>
/// <param name="database">The database, which it does not own.</param>
public sealed class SqliteUserMemories(SqliteDatabase database) : IUserMemoryStore
{
    /// <inheritdoc/>
    public Task<UserMemory?> AddAsync(UserMemory memory, CancellationToken cancellationToken = default)
    {
        FieldChecks.Demand(memory);
        var insert = UserMemoryStatements.ToInsert(memory);
        var find = UserMemoryStatements.ToFind(MemoryScope.Of(memory.UserId), memory.MemoryId);
        return database.WriteAsync(
            connection =>
            {
                connection.Execute(insert);
                return connection.Find(find, UserMemoryStatements.Read);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<UserMemory?> FindAsync(MemoryScope scope, string memoryId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        var statement = UserMemoryStatements.ToFind(scope, memoryId);
        return Task.FromResult(database.Read(connection => connection.Find(statement, UserMemoryStatements.Read)));
    }

    /// <inheritdoc/>
    public Task<UserMemoryPage> ListAsync(UserMemoryQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Task.FromResult(database.Read(connection =>
        {
            var memories = query.Limit == 0 ? [] : connection.Query(UserMemoryStatements.ToPage(query), UserMemoryStatements.Read);
            var isWhole = query.Offset == 0 && memories.Count < query.Limit;
            return new UserMemoryPage([.. memories], isWhole ? memories.Count : (int)connection.Number(UserMemoryStatements.ToCount(query))!.Value);
        }));
    }

    /// <inheritdoc/>
    public Task<UserMemory?> UpdateAsync(MemoryScope scope, string memoryId, UserMemoryPatch patch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        FieldChecks.Demand(patch);
        var statement = UserMemoryStatements.ToUpdate(scope, memoryId, patch);
        return database.WriteAsync(connection => connection.Find(statement, UserMemoryStatements.Read), cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(MemoryScope scope, ImmutableArray<string> memoryIds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        var statements = memoryIds.Select(id => UserMemoryStatements.ToDelete(scope, id)).ToArray();
        return database.WriteAsync(connection => statements.Sum(connection.Execute), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<string>> ListTopicsAsync(MemoryScope scope, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        var lists = database.Query(UserMemoryStatements.ToTopics(scope), row => row.GetJson(0, EngineJson.Context.StringArray)!);
        return Task.FromResult<ImmutableArray<string>>([.. lists.SelectMany(topics => topics).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
    }

    /// <inheritdoc/>
    public Task<MemoryUserPage> ListUsersAsync(MemoryUserQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Task.FromResult(database.Read(connection =>
        {
            var users = query.Limit == 0
                ? []
                : connection.Query(UserMemoryStatements.ToUsers(query), row => new MemoryUser(row.GetString(0), (int)row.GetInt64(1), row.GetInt64(2)));
            var isWhole = query.Offset == 0 && users.Count < query.Limit;
            return new MemoryUserPage([.. users], isWhole ? users.Count : (int)connection.Number(UserMemoryStatements.ToUserCount(query))!.Value);
        }));
    }
}
