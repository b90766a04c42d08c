using System.Collections.Immutable;

namespace Cluster.Providers.Toolkits;

/// <summary>Takes secrets out of what a server says: some repeat what they were sent.</summary>
internal sealed class SecretFilter
{
    /// <summary>Shorter texts are no secrets, and stand in too many words.</summary>
    private const int Shortest = 4;

    private ImmutableHashSet<string> _secrets;

    /// <summary>Creates the filter.</summary>
    /// <param name="secrets">The secrets that are known beforehand.</param>
    public SecretFilter(IEnumerable<string> secrets) => _secrets = [.. secrets.Where(secret => secret.Length >= Shortest)];

    public void Add(string secret) => ImmutableInterlocked.Update(ref _secrets, (known, added) => added.Length >= Shortest ? known.Add(added) : known, secret);

    public string Redact(string text) =>
        _secrets.OrderByDescending(secret => secret.Length).Aggregate(text, (current, secret) => current.Replace(secret, "…", StringComparison.Ordinal));
}
