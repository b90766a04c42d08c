using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Cluster.Storage.Postgres;

/// <summary>How PostgreSQL is used, bound from the section <c>Storage:Postgres</c>.</summary>
public sealed class PostgresStorageOptions
{
    /// <summary>The configuration section these options are bound from.</summary>
    public const string SectionName = "Storage:Postgres";

    /// <summary>
    /// Gets or sets a value indicating whether the program brings the database's schema up to date when it starts. The default is true; turn it off where
    /// the program's role may not change schemas, and migrate with another one: the program then refuses to start on any other version than its own. A silo
    /// never migrates, whatever is set here.
    /// </summary>
    public bool MigrateOnStart { get; set; } = true;

    /// <summary>
    /// Gets or sets a value indicating whether the program waits at its start for a server that cannot be reached, instead of refusing to start. The default is
    /// false. What waiting does not help against, a wrong password for instance, is refused either way.
    /// </summary>
    public bool WaitAtStart { get; set; }

    /// <summary>Gets or sets how many writes of different callers go to the server in one round trip at most. The default is 256.</summary>
    [Range(1, 10_000)]
    public int MaxBatchSize { get; set; } = 256;

    /// <summary>Gets or sets how many such round trips are under way at once, for appends and for new runs each. The default is 2: fewer make larger batches.</summary>
    [Range(1, 64)]
    public int MaxConcurrentBatches { get; set; } = 2;

    /// <summary>Gets or sets how many bytes of results are kept to be used again; what goes beyond it is removed now and then, the oldest first. The default is 1 GiB.</summary>
    [Range(0L, 1L << 50)]
    public long CacheBytes { get; set; } = 1L << 30;
}

[OptionsValidator]
internal sealed partial class PostgresStorageOptionsValidator : IValidateOptions<PostgresStorageOptions>;
