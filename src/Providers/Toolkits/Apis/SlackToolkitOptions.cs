using System.Collections.Immutable;

namespace Cluster.Providers.Toolkits.Apis;

/// <summary>What the toolkit <c>slack</c> may do.</summary>
public sealed record SlackToolkitOptions : ApiToolkitOptions
{
    /// <summary>Gets the bot's token.</summary>
    public required string Token { get; init; }

    /// <summary>Gets the only channels that messages may be sent to, as the model names them. Empty, the default, for all that the bot is in.</summary>
    public ImmutableArray<string> Channels { get; init; } = [];

    /// <summary>Names the type only: the members are secrets.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => nameof(SlackToolkitOptions);
}
