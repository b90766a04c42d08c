using System.Collections.Immutable;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Toolkits.Http;

/// <summary>What the toolkit <c>http</c> may do.</summary>
public sealed record HttpToolkitOptions
{
    /// <summary>Gets the only hosts that may be asked, <c>example.com</c> or <c>*.example.com</c> for all below it. The default is all.</summary>
    public ImmutableArray<string> AllowedHosts { get; init; } = [];

    /// <summary>Gets hosts that may not be asked, written the same way. The default is none.</summary>
    public ImmutableArray<string> DeniedHosts { get; init; } = [];

    /// <summary>Gets a value indicating whether the tool <c>http_post</c> is there. The default is false.</summary>
    public bool AllowPost { get; init; }

    /// <summary>Gets a value indicating whether addresses inside of networks (private, loopback, link-local, metadata …) may be asked. The default is false.</summary>
    public bool AllowPrivateAddresses { get; init; }

    /// <summary>Gets how many bytes of an answer are read. The default is 1 MiB.</summary>
    public int MaxBytes { get; init; } = 1024 * 1024;

    /// <summary>Gets how many letters of an answer the model gets. The default is 50,000.</summary>
    public int MaxLetters { get; init; } = 50_000;

    /// <summary>Gets how many redirects are followed. The default is 5.</summary>
    public int MaxRedirects { get; init; } = 5;

    /// <summary>Gets how long one fetch may take, its redirects included. The default is 30 seconds.</summary>
    public TimeSpan Timeout { get; init => field = Durations.Limit(value, nameof(Timeout)); } = TimeSpan.FromSeconds(30);
}
