using System.Collections.Immutable;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Toolkits.WebPages;

/// <summary>What the toolkit <c>web_page</c> may do.</summary>
public sealed record WebPageToolkitOptions
{
    /// <summary>Gets the only hosts that may be asked, <c>example.com</c> or <c>*.example.com</c> for all below it. The default is all.</summary>
    public ImmutableArray<string> AllowedHosts { get; init; } = [];

    /// <summary>Gets hosts that may not be asked, written the same way. The default is none.</summary>
    public ImmutableArray<string> DeniedHosts { get; init; } = [];

    /// <summary>Gets a value indicating whether addresses inside of networks (private, loopback, link-local, metadata …) may be asked. The default is false.</summary>
    public bool AllowPrivateAddresses { get; init; }

    /// <summary>Gets how many bytes of a page are read. The default is 4 MiB.</summary>
    public int MaxBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Gets how many letters of a page the model gets at once. The default is 30,000.</summary>
    public int MaxLetters { get; init; } = 30_000;

    /// <summary>Gets how long fetching may take, redirects included. The default is 30 seconds.</summary>
    public TimeSpan Timeout { get; init => field = Durations.Limit(value, nameof(Timeout)); } = TimeSpan.FromSeconds(30);
}
