using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Cluster.Standalone;

/// <summary>What Standalone serves and where it keeps it, bound from the section <c>Standalone</c>.</summary>
internal sealed class StandaloneOptions
{
    /// <summary>The configuration section these options are bound from.</summary>
    public const string SectionName = "Standalone";

    /// <summary>Gets or sets where the server listens. The default is <c>http://localhost:7777</c>.</summary>
    [Required]
    public string Url { get; set; } = "http://localhost:7777";

    /// <summary>Gets or sets where runs and sessions are kept: <c>sqlite:DIRECTORY</c>, <c>postgres:CONNECTION</c> or <c>memory:</c>. The default is <c>sqlite:./data</c>.</summary>
    [Required]
    public string Store { get; set; } = "sqlite:./data";

    /// <summary>Gets or sets the YAML file with the agents and teams to serve. Null, the default, serves two demo agents and a team of them.</summary>
    public string? Definitions { get; set; }

    /// <summary>Gets or sets the directory below which agents write their answers when they have <c>save_response_to_file</c>. The default is <c>./answers</c>.</summary>
    [Required]
    public string Answers { get; set; } = "./answers";

    /// <summary>
    /// Gets or sets the address to which the users' browsers bring the answers of logins to MCP servers, as they reach this server: behind a proxy, that of the
    /// proxy, with the path <c>/mcp/oauth/callback</c>. Null, the default, is <see cref="Url"/> with that path.
    /// </summary>
    public Uri? LoginCallbackUrl { get; set; }

    /// <summary>Gets or sets the longest that a shutdown waits for requests and runs, in seconds. The default is 20. Runs that are still at work go on after the next start.</summary>
    [Range(1, 3600)]
    public int ShutdownSeconds { get; set; } = 20;

    /// <summary>Gets or sets the longest that a shutdown waits for the current steps of runs, in seconds. The default is 15. Steps that take longer are cut off and taken again after the next start.</summary>
    [Range(0, 3600)]
    public int HandOverSeconds { get; set; } = 15;
}

[OptionsValidator]
internal sealed partial class StandaloneOptionsValidator : IValidateOptions<StandaloneOptions>;
