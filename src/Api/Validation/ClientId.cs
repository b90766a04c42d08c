using System.Text;
using Cluster.Engine.Limits;

namespace Cluster.Api.Validation;

/// <summary>
/// Which ids clients may make up. Every store can keep them, and those of sessions can be asked for in an address; the bounds hold for all stores alike, so
/// that clients do not depend on which one it is.
/// </summary>
/// <param name="MaxBytes">How long an id may be, in bytes of UTF-8.</param>
/// <param name="IsInAddresses">Whether it is asked for as a part of an address.</param>
internal sealed record ClientId(int MaxBytes, bool IsInAddresses)
{
    /// <summary>Gets the rules for ids of sessions.</summary>
    public static ClientId Session { get; } = new(FieldLimits.SessionIdBytes, IsInAddresses: true);

    /// <summary>Gets the rules for ids of users and components, of which indexes hold several.</summary>
    public static ClientId Other { get; } = new(FieldLimits.IdBytes, IsInAddresses: false);

    /// <summary>Says what is wrong with an id.</summary>
    /// <returns>The kind of error and the reason; null when nothing is wrong.</returns>
    public (string Type, string Message)? Refuse(string id) => id switch
    {
        _ when id.Contains('\0', StringComparison.Ordinal) => ("value_error", "Value error, an id cannot hold the character NUL"),
        "." or ".." when IsInAddresses => ("value_error", "Value error, '.' and '..' have another meaning in addresses and cannot be ids"),
        _ when Encoding.UTF8.GetByteCount(id) > MaxBytes => ("string_too_long", $"String should have at most {MaxBytes} bytes"),
        _ => null,
    };
}
