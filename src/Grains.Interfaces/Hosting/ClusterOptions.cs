using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Cluster.Grains.Interfaces.Hosting;

/// <summary>What all processes of one cluster have to agree on, bound from the section <c>Cluster</c>.</summary>
public sealed class ClusterOptions
{
    /// <summary>The configuration section these options are bound from.</summary>
    public const string SectionName = "Cluster";

    private const string Postgres = "postgres:";

    /// <summary>
    /// Gets or sets where members, runs and sessions are kept: <c>postgres:CONNECTION</c>, or <c>memory:</c> for one development silo that keeps nothing.
    /// The default is <c>memory:</c>.
    /// </summary>
    [Required]
    public string Store { get; set; } = "memory:";

    /// <summary>Gets or sets the cluster's id. Silos with the same id on the same database find each other. The default is <c>cluster</c>.</summary>
    [Required]
    public string Id { get; set; } = "cluster";

    /// <summary>Gets or sets the id under which grain state is kept; it outlives clusters. The default is <c>agents</c>.</summary>
    [Required]
    public string ServiceId { get; set; } = "agents";

    /// <summary>Gets or sets the port at which silos of a development cluster take clients. With a database it is found there. The default is 30000.</summary>
    [Range(1, 65_535)]
    public int GatewayPort { get; set; } = 30_000;

    /// <summary>Gets the connection string; null without a database.</summary>
    public string? ConnectionString => Store.StartsWith(Postgres, StringComparison.Ordinal) ? Store[Postgres.Length..] : null;
}

[OptionsValidator]
internal sealed partial class ClusterOptionsValidator : IValidateOptions<ClusterOptions>;
