using System.Collections.Immutable;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Toolkits.Email;

/// <summary>How the toolkit <c>email</c> sends, and to whom.</summary>
public sealed record EmailToolkitOptions
{
    /// <summary>Gets the SMTP server.</summary>
    public required string Host { get; init; }

    /// <summary>Gets its port. The default is 587, that of submission.</summary>
    public int Port { get; init; } = 587;

    /// <summary>Gets a value indicating whether the connection is encrypted with STARTTLS; a server without it is refused. The default is true.</summary>
    public bool StartTls { get; init; } = true;

    /// <summary>Gets the user who logs in; null, the default, for no login.</summary>
    public string? User { get; init; }

    /// <summary>Gets the user's password. It is never shown.</summary>
    public string? Password { get; init; }

    /// <summary>Gets the address that mails come from.</summary>
    public required string From { get; init; }

    /// <summary>Gets the only recipients, <c>ann@example.com</c> or <c>*@example.com</c> for all of a domain. Empty refuses everyone; <c>*</c> allows everyone.</summary>
    public required ImmutableArray<string> Recipients { get; init; }

    /// <summary>Gets how many recipients one mail may have. The default is 10.</summary>
    public int MaxRecipients { get; init; } = 10;

    /// <summary>Gets how long sending may take. The default is one minute.</summary>
    public TimeSpan Timeout { get; init => field = Durations.Limit(value, nameof(Timeout)); } = TimeSpan.FromMinutes(1);

    /// <summary>Names the type only: the members are secrets.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => nameof(EmailToolkitOptions);
}
