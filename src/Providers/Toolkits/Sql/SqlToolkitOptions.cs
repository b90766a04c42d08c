using Cluster.Engine.Tools;

namespace Cluster.Providers.Toolkits.Sql;

/// <summary>What the toolkit <c>sql</c> may do. Give it a role of the database that may see only what the agent may see.</summary>
public sealed record SqlToolkitOptions
{
    /// <summary>Gets the connection string of the PostgreSQL database. It is never shown.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>Gets a value indicating whether the tool <c>run_sql_statement</c>, which may change rows and tables, is there. The default is false.</summary>
    public bool AllowWrite { get; init; }

    /// <summary>Gets how long a statement may take. The default is 30 seconds.</summary>
    public TimeSpan Timeout { get; init => field = Durations.Limit(value, nameof(Timeout)); } = TimeSpan.FromSeconds(30);

    /// <summary>Gets how many rows of a result the model gets. The default is 100.</summary>
    public int MaxRows { get; init; } = 100;

    /// <summary>Gets how many letters of one value the model gets. The default is 2,000.</summary>
    public int MaxValueLetters { get; init; } = 2_000;

    /// <summary>Names the type only: the members are secrets.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => nameof(SqlToolkitOptions);
}
