using System.Collections.Frozen;
using Microsoft.Extensions.Options;

namespace Cluster.Api.Cors;

/// <summary>The origins whose pages may call the API.</summary>
/// <param name="options">Names them; without any, those that AgentOS allows.</param>
internal sealed class KnownOrigins(IOptions<AgentOsOptions> options)
{
    private static readonly string[] Default =
    [
        "http://localhost:3000", "https://agno.com", "https://www.agno.com", "https://app.agno.com", "https://os-stg.agno.com", "https://os.agno.com",
    ];

    private readonly FrozenSet<string> _origins =
        (options.Value.AllowedOrigins.Count == 0 ? Default : options.Value.AllowedOrigins.Where(origin => origin != "*")).ToFrozenSet(StringComparer.Ordinal);

    public bool Contains(string origin) => _origins.Contains(origin);
}
