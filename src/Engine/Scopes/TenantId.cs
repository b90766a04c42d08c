using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cluster.Engine.Errors;

namespace Cluster.Engine.Scopes;

/// <summary>
/// Names a tenant: 1 to 64 lower-case letters, digits, hyphens and underscores, with a letter or digit first. Such a name is safe in keys, names of files and logs, and no two
/// differ only in case.
/// </summary>
[JsonConverter(typeof(TenantIdConverter))]
public sealed record TenantId
{
    /// <summary>How many characters a tenant's id has at most.</summary>
    public const int MaxLength = 64;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_");

    private TenantId(string value) => Value = value;

    /// <summary>Gets the tenant of everything as long as no verified token names another.</summary>
    public static TenantId Default { get; } = new("default");

    /// <summary>Gets the id as text.</summary>
    public string Value { get; }

    /// <summary>Reads a tenant's id.</summary>
    /// <param name="value">The text.</param>
    /// <returns>The id.</returns>
    /// <exception cref="InvalidRequestException">No tenant can have this id.</exception>
    public static TenantId Parse(string value) => TryParse(value, out var tenant)
        ? tenant
        : throw new InvalidRequestException($"A tenant's id is 1 to {MaxLength} lower-case letters, digits, '-' and '_', with a letter or digit first. Use such a one.");

    /// <summary>Reads a tenant's id.</summary>
    /// <param name="value">The text.</param>
    /// <param name="tenant">The id.</param>
    /// <returns>False when no tenant can have this id.</returns>
    public static bool TryParse([NotNullWhen(true)] string? value, [NotNullWhen(true)] out TenantId? tenant)
    {
        var isOne = value is { Length: > 0 and <= MaxLength } && char.IsAsciiLetterOrDigit(value[0]) && !value.AsSpan().ContainsAnyExcept(Allowed);
        tenant = !isOne ? null : value == Default.Value ? Default : new TenantId(value!);
        return isOne;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Writes tenants' ids as texts.</summary>
internal sealed class TenantIdConverter : JsonConverter<TenantId>
{
    public override TenantId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TenantId.TryParse(reader.GetString(), out var tenant) ? tenant : throw new JsonException("This is no tenant's id.");

    public override void Write(Utf8JsonWriter writer, TenantId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
