using System.Collections.ObjectModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Cluster.Api;

/// <summary>How the HTTP surface presents itself and what it accepts, bound from the section <c>AgentOs</c>.</summary>
public sealed class AgentOsOptions
{
    /// <summary>The configuration section these options are bound from.</summary>
    public const string SectionName = "AgentOs";

    /// <summary>Gets or sets the id that clients see; null for one made of <see cref="Name"/>, and without a name for <c>agno-agentos</c>. The default is null.</summary>
    public string? Id { get; set; }

    /// <summary>Gets or sets the name that people see; null for none. The default is null.</summary>
    public string? Name { get; set; }

    /// <summary>Gets or sets what the installation is for; null for nothing. The default is null.</summary>
    public string? Description { get; set; }

    /// <summary>Gets or sets the version of the installation. The default is <c>1.0.0</c>.</summary>
    [Required]
    public string Version { get; set; } = "1.0.0";

    /// <summary>Gets or sets the id of the one database, shown as <c>db_id</c>; clients ask for sessions with it. The default is <c>default</c>.</summary>
    [Required]
    public string DatabaseId { get; set; } = "default";

    /// <summary>Gets or sets the names under which tables show.</summary>
    public TableNames Tables { get; set; } = new();

    /// <summary>Gets the origins whose pages may call the API from a browser; those of others are refused what changes anything. Origins that are set here replace the default list; <c>*</c> is ignored.</summary>
    public Collection<string> AllowedOrigins { get; } = [];

    /// <summary>
    /// Gets the names, besides those of this machine, under which clients reach the server: the part of their addresses between scheme and port; <c>*.</c> in front stands for
    /// any part, <c>*</c> alone for any name. Without any, a server that listens on loopback only answers to <c>localhost</c>, <c>127.0.0.1</c> and <c>[::1]</c>, and every other
    /// server to any name.
    /// </summary>
    public Collection<string> AllowedHosts { get; } = [];

    /// <summary>Gets or sets the size of the largest request body in bytes. The default is 32 MiB.</summary>
    [Range(1_024, 4_294_967_296)]
    public long MaxBodyBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>Gets or sets after how long an idle stream sends a comment, so that proxies keep it open. The default is 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets a value indicating whether <c>/docs</c> and <c>/openapi.json</c> are served. The default is true.</summary>
    public bool DocsEnabled { get; set; } = true;

    /// <summary>Gets the id that clients see.</summary>
    internal string OsId => Id ?? (string.IsNullOrWhiteSpace(Name)
        ? "agno-agentos"
        : string.Join('-', Name.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
}

/// <summary>The names under which the tables of the database show in the configuration that clients read.</summary>
public sealed class TableNames
{
    /// <summary>Gets or sets the table of sessions. The default is <c>agno_sessions</c>.</summary>
    public string Sessions { get; set; } = "agno_sessions";

    /// <summary>Gets or sets the table of metrics. The default is <c>agno_metrics</c>.</summary>
    public string Metrics { get; set; } = "agno_metrics";

    /// <summary>Gets or sets the table of memories. The default is <c>agno_memories</c>.</summary>
    public string Memories { get; set; } = "agno_memories";

    /// <summary>Gets or sets the table of learnings. The default is <c>agno_learnings</c>.</summary>
    public string Learnings { get; set; } = "agno_learnings";

    /// <summary>Gets or sets the table of evals. The default is <c>agno_eval_runs</c>.</summary>
    public string Evals { get; set; } = "agno_eval_runs";
}

[OptionsValidator]
internal sealed partial class AgentOsOptionsValidator : IValidateOptions<AgentOsOptions>;
