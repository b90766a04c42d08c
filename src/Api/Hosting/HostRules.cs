using System.Collections.ObjectModel;
using System.Net;
using Cluster.Api.Errors;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Cluster.Api.Hosting;

/// <summary>
/// Answers only to the names of the server. A page can have its own name lead to this machine and then reads everything as its own; a server that only this machine
/// reaches therefore answers only to the names of this machine, and to those that it was given. The framework's own filter stands before everything that is ours
/// and has one list for the whole process, and its refusals are empty; only how it compares names is used.
/// </summary>
/// <param name="next">The rest of the pipeline.</param>
/// <param name="options">The names that were given.</param>
/// <param name="server">Knows where it listens.</param>
internal sealed class HostRules(RequestDelegate next, IOptions<AgentOsOptions> options, IServer server)
{
    private const string Any = "*";

    private static readonly StringSegment[] Loopback = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>The server knows its addresses when it has started, and the first request comes later.</summary>
    private readonly Lazy<IList<StringSegment>> _names = new(() => Names(options.Value.AllowedHosts, server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []));

    public Task InvokeAsync(HttpContext context) => IsOurs(context.Request.Host)
        ? next(context)
        : throw ApiException.BadRequest(
            $"This server does not answer to the host that the request names. Add it to {AgentOsOptions.SectionName}:{nameof(AgentOsOptions.AllowedHosts)}.");

    private static IList<StringSegment> Names(Collection<string> given, ICollection<string> addresses) =>
        given.Contains(Any) || (given.Count == 0 && !(addresses.Count > 0 && addresses.All(IsLoopback))) ? [Any] : [.. Loopback, .. given.Select(name => new StringSegment(name))];

    private static bool IsLoopback(string address) =>
        BindingAddress.Parse(address).Host is var host
        && (host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip)));

    /// <summary>Requests of HTTP 1.0 may name no host; no browser sends one.</summary>
    private bool IsOurs(HostString host)
    {
        if (!host.HasValue || _names.Value is [var only] && only == Any)
        {
            return true;
        }

        try
        {
            return HostString.MatchesAny(host.Value, _names.Value);
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
