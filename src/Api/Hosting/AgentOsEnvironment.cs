using Cluster.Engine.Errors;
using Microsoft.Extensions.Configuration;

namespace Cluster.Api.Hosting;

/// <summary>The environment variables that every AgentOS knows.</summary>
public static class AgentOsEnvironment
{
    private const string OriginsKey = $"{AgentOsOptions.SectionName}:{nameof(AgentOsOptions.AllowedOrigins)}";

    /// <summary>Refuses keys: whoever sets one relies on it, and would get a server that is open to everyone.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <exception cref="InvalidRequestException">A key is set.</exception>
    public static void RefuseKeys(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        string[] keys = ["OS_SECURITY_KEY", "JWT_VERIFICATION_KEY", "JWT_JWKS_FILE"];
        if (keys.FirstOrDefault(key => !string.IsNullOrEmpty(configuration[key])) is { } found)
        {
            throw new InvalidRequestException(
                $"{found} is set, and authentication is not supported yet: the server would be open to everyone. Unset it, and put a proxy that checks callers in front.");
        }
    }

    /// <summary>Lets the variables stand in for settings that are made nowhere else.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="urlKey">The setting that says where to listen.</param>
    public static void AddDefaults(IConfigurationManager configuration, string urlKey)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var (host, port) = (configuration["AGENT_OS_HOST"], configuration["AGENT_OS_PORT"]);
        if (!(string.IsNullOrEmpty(host) && string.IsNullOrEmpty(port)) && configuration[urlKey] is null)
        {
            configuration[urlKey] = $"http://{(string.IsNullOrEmpty(host) ? "localhost" : host)}:{(string.IsNullOrEmpty(port) ? "7777" : port)}";
        }

        if (configuration["CORS_ORIGIN_LIST"] is { Length: > 0 } origins && !configuration.GetSection(OriginsKey).Exists())
        {
            configuration[OriginsKey] = origins;
        }
    }
}
