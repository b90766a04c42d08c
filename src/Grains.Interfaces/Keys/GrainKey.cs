using Cluster.Engine.Errors;
using Cluster.Engine.Scopes;

namespace Cluster.Grains.Interfaces.Keys;

/// <summary>
/// Writes and reads grain keys of the form <c>t/{tenant}/{kind}/{id}</c>. The prefix keeps storage providers from taking an id for a number or a GUID,
/// no tenant's id can reach into another's keys, because it has no slash, and the id stands at the end as it is.
/// </summary>
internal static class GrainKey
{
    private const string Prefix = "t/";

    public static string Write(TenantId tenant, char kind, string id)
    {
        Check(id, "id");
        return $"{Prefix}{tenant}/{kind}/{id}";
    }

    /// <summary>Tells whether a text is a key of this kind.</summary>
    public static bool Is(string text, char kind) => Divide(text, kind) > 0;

    /// <summary>Reads a key.</summary>
    /// <exception cref="FormatException">It is not a key of this kind.</exception>
    public static (TenantId Tenant, string Id) Parse(string key, char kind)
    {
        var slash = Divide(key, kind);
        return slash > 0 && TenantId.TryParse(key[Prefix.Length..slash], out var tenant)
            ? (tenant, key[(slash + 3)..])
            : throw new FormatException($"'{key}' is not a grain key of the form t/{{tenant}}/{kind}/{{id}}.");
    }

    /// <summary>Finds the end of the tenant; -1 when it is not a key of this kind.</summary>
    private static int Divide(string key, char kind)
    {
        var slash = key.StartsWith(Prefix, StringComparison.Ordinal) ? key.IndexOf('/', Prefix.Length) : -1;
        return slash > Prefix.Length && key.Length > slash + 3 && key[slash + 1] == kind && key[slash + 2] == '/' ? slash : -1;
    }

    /// <summary>Half a surrogate pair has no UTF-8: two ids that differ only there would be one key.</summary>
    private static void Check(string value, string name)
    {
        if (string.IsNullOrEmpty(value))
        {
            throw new InvalidRequestException($"The {name} is empty. Give it at least one character.");
        }

        for (var i = 0; i < value.Length; i++)
        {
            if (i + 1 < value.Length && char.IsSurrogatePair(value[i], value[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(value[i]))
            {
                throw new InvalidRequestException($"The {name} contains half of a surrogate pair at position {i}. Send well-formed Unicode.");
            }
        }
    }
}
