using System.Net;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Cluster.Api.Hosting;

/// <summary>
/// Which names the server answers to. A page can have its own name lead to this machine and then reads everything as its own; a server that only this machine
/// reaches therefore answers only to the names of this machine, and to those that it was given.
/// </summary>
/// <param name="options">The names that were given.</param>
/// <param name="server">Knows where it listens.</param>
internal sealed class HostRules(IOptions<AgentOsOptions> options, IServer server) : IPostConfigureOptions<HostFilteringOptions>
{
    public const string Refusal =
        $"This server does not answer to the host that the request names. Add it to {AgentOsOptions.SectionName}:{nameof(AgentOsOptions.AllowedHosts)}.";

    private const string Any = "*";

    private static readonly string[] Loopback = ["localhost", "127.0.0.1", "[::1]"];

    /// <inheritdoc/>
    public void PostConfigure(string? name, HostFilteringOptions filtering)
    {
        ArgumentNullException.ThrowIfNull(filtering);
        filtering.IncludeFailureMessage = false;
        IReadOnlyList<string> given = options.Value.AllowedHosts;
        filtering.AllowedHosts = given.Count == 0 && !IsOnLoopback(server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []) ? [Any] : [.. Loopback, .. given];
    }

    private static bool IsOnLoopback(ICollection<string> addresses) => addresses.Count > 0 && addresses.All(address =>
        BindingAddress.Parse(address).Host is var host
        && (host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip))));
}
