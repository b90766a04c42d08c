using System.Text.Json;
using Cluster.Engine.Teams;

namespace Cluster.Api.Home;

/// <summary>What a console needs to know to find its way: the database, its tables by purpose, and the components.</summary>
internal sealed record ConfigResponse
{
    public required string OsId { get; init; }

    public string? Description { get; init; }

    public IReadOnlyList<string> AvailableModels { get; init; } = [];

    public required string OsDatabase { get; init; }

    public required IReadOnlyList<string> Databases { get; init; }

    public required DatabaseUse Session { get; init; }

    public required DatabaseUse Metrics { get; init; }

    public required DatabaseUse Memory { get; init; }

    public required DatabaseUse Learning { get; init; }

    public KnowledgeUse Knowledge { get; init; } = new([], []);

    public required DatabaseUse Evals { get; init; }

    public required DatabaseUse Traces { get; init; }

    public required IReadOnlyList<AgentSummary> Agents { get; init; }

    public required IReadOnlyList<TeamSummary> Teams { get; init; }

    public IReadOnlyList<AgentSummary> Workflows { get; init; } = [];

    public IReadOnlyList<string> Interfaces { get; init; } = [];

    public static ConfigResponse Of(AgentOsOptions options, IReadOnlyList<AgentSummary> agents, IReadOnlyList<TeamSummary> teams) => new()
    {
        OsId = options.OsId,
        Description = options.Description,
        OsDatabase = options.DatabaseId,
        Databases = [options.DatabaseId],
        Session = DatabaseUse.Of(options.DatabaseId, options.Tables.Sessions),
        Metrics = DatabaseUse.Of(options.DatabaseId, options.Tables.Metrics),
        Memory = DatabaseUse.Of(options.DatabaseId, options.Tables.Memories),
        Learning = DatabaseUse.Of(options.DatabaseId, options.Tables.Learnings),
        Evals = DatabaseUse.Of(options.DatabaseId, options.Tables.Evals),
        Traces = DatabaseUse.Of(options.DatabaseId, null),
        Agents = agents,
        Teams = teams,
    };
}

/// <summary>Which databases serve a purpose.</summary>
/// <param name="Dbs">The databases.</param>
internal sealed record DatabaseUse(IReadOnlyList<DatabaseEntry> Dbs)
{
    public static DatabaseUse Of(string databaseId, string? table) =>
        new([new DatabaseEntry(databaseId, new DisplayName(databaseId), table is null ? null : [table])]);
}

/// <summary>A database that serves a purpose.</summary>
/// <param name="DbId">The database's id.</param>
/// <param name="DomainConfig">How it is shown.</param>
/// <param name="Tables">The tables; null when the purpose has none of its own.</param>
internal sealed record DatabaseEntry(string DbId, DisplayName DomainConfig, IReadOnlyList<string>? Tables);

/// <summary>How a database is shown.</summary>
/// <param name="Value">The name.</param>
internal sealed record DisplayName([property: System.Text.Json.Serialization.JsonPropertyName("display_name")] string Value);

/// <summary>Where knowledge is kept.</summary>
/// <param name="Dbs">The databases.</param>
/// <param name="KnowledgeInstances">The collections.</param>
internal sealed record KnowledgeUse(IReadOnlyList<DatabaseEntry> Dbs, IReadOnlyList<string> KnowledgeInstances);

/// <summary>An agent in the configuration.</summary>
internal sealed record AgentSummary
{
    public required string Id { get; init; }

    public string? Name { get; init; }

    public string? Description { get; init; }

    public required string DbId { get; init; }

    public required ModelSummary Model { get; init; }

    public JsonElement? Metadata { get; init; }
}

/// <summary>A team in the configuration.</summary>
internal sealed record TeamSummary
{
    public required string Id { get; init; }

    public string? Name { get; init; }

    public string? Description { get; init; }

    public required string DbId { get; init; }

    public required TeamMode Mode { get; init; }

    public required ModelSummary Model { get; init; }
}
