using System.Collections.Immutable;
using System.Data.Common;
using Cluster.Engine.Json;
using Cluster.Engine.Memory;
using Cluster.Engine.Scopes;

namespace Cluster.Storage.Sql;

/// <summary>What is remembered about users, as rows: how they are read, searched and written.</summary>
/// <param name="dialect">In whose words.</param>
/// <param name="tenant">Whose it is.</param>
internal sealed class UserMemoryStatements(SqlDialect dialect, TenantId tenant)
{
    private const string Names = "memory_id, memory, topics, user_id, agent_id, team_id, input, feedback, created_at, updated_at";

    /// <summary>Reads a row.</summary>
    /// <param name="row">The row of a statement of this class.</param>
    /// <returns>The memory.</returns>
    public UserMemory Read(DbDataReader row) => new()
    {
        MemoryId = row.GetString(0),
        Memory = row.GetJson(1, EngineJson.Context.String)!,
        Topics = dialect.Lists.Read(row, 2),
        UserId = row.GetString(3),
        AgentId = row.GetText(4),
        TeamId = row.GetText(5),
        Input = row.GetJson(6, EngineJson.Context.String),
        Feedback = row.GetJson(7, EngineJson.Context.String),
        CreatedAt = row.GetInt64(8),
        UpdatedAt = row.GetInt64(9),
    };

    /// <summary>Writes the statement that adds a memory when its id is free.</summary>
    /// <param name="memory">The memory.</param>
    /// <returns>The statement.</returns>
    public Statement ToInsert(UserMemory memory)
    {
        var statement = new Statement(
                "INSERT INTO user_memories (tenant_id, memory_id, user_id, agent_id, team_id, memory, memory_folded, topics, input, feedback, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, "
                + $"{dialect.ToDocument("$6")}, $7, {dialect.ToDocument("$8")}, {dialect.ToDocument("$9")}, {dialect.ToDocument("$10")}, $11, $12) ON CONFLICT DO NOTHING")
            .Add(tenant)
            .Add(ColumnType.Text, Values.Id(memory.MemoryId, "memory id"))
            .Add(ColumnType.Text, Values.Id(memory.UserId, "user id"))
            .Add(ColumnType.Text, Values.Id(memory.AgentId, "agent id"))
            .Add(ColumnType.Text, Values.Id(memory.TeamId, "team id"))
            .Add(ColumnType.Json, Values.Text(memory.Memory))
            .Add(ColumnType.Bytes, Values.Folded(memory.Memory));
        return dialect.Lists.Add(statement, memory.Topics)
            .Add(ColumnType.Json, Values.Text(memory.Input))
            .Add(ColumnType.Json, Values.Text(memory.Feedback))
            .Add(ColumnType.Long, memory.CreatedAt)
            .Add(ColumnType.Long, memory.UpdatedAt);
    }

    /// <summary>Writes the statement that changes a memory and returns it as it is now. It may be sent twice.</summary>
    /// <param name="scope">Whose.</param>
    /// <param name="memoryId">The memory's id.</param>
    /// <param name="patch">The change.</param>
    /// <returns>The statement.</returns>
    public Statement ToUpdate(MemoryScope scope, string memoryId, UserMemoryPatch patch)
    {
        var statement = new Statement(
                $"UPDATE user_memories SET memory = coalesce({dialect.ToDocument("$3")}, memory), memory_folded = coalesce($4, memory_folded), "
                + $"topics = coalesce({dialect.ToDocument("$5")}, topics), feedback = coalesce({dialect.ToDocument("$6")}, feedback), updated_at = $7 WHERE tenant_id = $1 AND memory_id = $2")
            .Add(tenant)
            .Add(ColumnType.Text, Values.Id(memoryId, "memory id"))
            .Add(ColumnType.Json, Values.Text(patch.Memory))
            .Add(ColumnType.Bytes, Values.Folded(patch.Memory));
        dialect.Lists.Add(statement, patch.Topics)
            .Add(ColumnType.Json, Values.Text(patch.Feedback))
            .Add(ColumnType.Long, patch.UpdatedAt);
        return Within(statement, scope).Append($" RETURNING {Names}");
    }

    /// <summary>Writes the statement that deletes memories.</summary>
    /// <param name="scope">Whose.</param>
    /// <param name="memoryIds">Their ids.</param>
    /// <returns>The statement.</returns>
    public Statement ToDelete(MemoryScope scope, ImmutableArray<string> memoryIds) => Within(
        dialect.Lists.AppendAmong(new Statement("DELETE FROM user_memories WHERE tenant_id = $1 AND ").Add(tenant), "memory_id", [.. memoryIds.Select(id => Values.Id(id, "memory id")!)]), scope);

    /// <summary>Writes the query of one memory.</summary>
    /// <param name="scope">Whose.</param>
    /// <param name="memoryId">The memory's id.</param>
    /// <returns>The statement.</returns>
    public Statement ToFind(MemoryScope scope, string memoryId) => Within(
        new Statement($"SELECT {Names} FROM user_memories WHERE tenant_id = $1 AND memory_id = $2").Add(tenant).Add(ColumnType.Text, Values.Id(memoryId, "memory id")), scope);

    /// <summary>Writes the query of one page.</summary>
    /// <param name="query">Which memories, in which order.</param>
    /// <returns>The statement.</returns>
    public Statement ToPage(UserMemoryQuery query) => Filter(new Statement($"SELECT {Names} FROM user_memories WHERE tenant_id = $1").Add(tenant), query)
        .Append($" ORDER BY {Order(query)}")
        .Append(" LIMIT ?", ColumnType.Long, (long)query.Limit)
        .Append(" OFFSET ?", ColumnType.Long, (long)query.Offset);

    /// <summary>Writes the query that counts what is on all pages together.</summary>
    /// <param name="query">Which memories.</param>
    /// <returns>The statement.</returns>
    public Statement ToCount(UserMemoryQuery query) => Filter(new Statement("SELECT count(*) FROM user_memories WHERE tenant_id = $1").Add(tenant), query);

    /// <summary>Writes the query of all topics.</summary>
    /// <param name="scope">Whose.</param>
    /// <returns>The statement.</returns>
    public Statement ToTopics(MemoryScope scope) =>
        Within(new Statement($"SELECT {dialect.Lists.SelectDistinct("topics")} FROM user_memories WHERE tenant_id = $1 AND topics IS NOT NULL").Add(tenant), scope);

    /// <summary>Writes the query of one page of users, who each have a count and a last change.</summary>
    /// <param name="query">Which users.</param>
    /// <returns>The statement.</returns>
    public Statement ToUsers(MemoryUserQuery query) => Within(
            new Statement("SELECT user_id, count(*), max(updated_at) FROM user_memories WHERE tenant_id = $1").Add(tenant), query.Scope)
        .Append(" GROUP BY user_id ORDER BY max(updated_at) DESC, user_id")
        .Append(" LIMIT ?", ColumnType.Long, (long)query.Limit)
        .Append(" OFFSET ?", ColumnType.Long, (long)query.Offset);

    /// <summary>Writes the query that counts the users.</summary>
    /// <param name="query">Which users.</param>
    /// <returns>The statement.</returns>
    public Statement ToUserCount(MemoryUserQuery query) =>
        Within(new Statement("SELECT count(DISTINCT user_id) FROM user_memories WHERE tenant_id = $1").Add(tenant), query.Scope);

    private Statement Filter(Statement statement, UserMemoryQuery query)
    {
        Within(statement, query.Scope);
        if (Values.Id(query.AgentId, "agent id") is { } agentId)
        {
            statement.Append(" AND agent_id = ?", ColumnType.Text, agentId);
        }

        if (Values.Id(query.TeamId, "team id") is { } teamId)
        {
            statement.Append(" AND team_id = ?", ColumnType.Text, teamId);
        }

        if (!query.Topics.IsEmpty)
        {
            dialect.Lists.AppendHolds(statement, "topics", query.Topics);
        }

        if (!string.IsNullOrEmpty(query.Contains))
        {
            statement.Append($" AND {dialect.InColumn("memory_folded")}", ColumnType.Bytes, Values.Folded(query.Contains)!);
        }

        return statement;
    }

    private static Statement Within(Statement statement, MemoryScope scope) =>
        Values.Id(scope.UserId, "user id") is { } userId ? statement.Append(" AND user_id = ?", ColumnType.Text, userId) : statement;

    private static string Order(UserMemoryQuery query)
    {
        var column = query.SortBy switch
        {
            UserMemorySort.CreatedAt => "created_at",
            UserMemorySort.MemoryId => "memory_id",
            _ => "updated_at",
        };
        return query.Descending ? $"{column} DESC, creation DESC" : $"{column}, creation";
    }
}
