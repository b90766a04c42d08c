namespace Cluster.Providers.Mcp;

/// <summary>Takes secrets out of what a server says: some repeat what they were sent.</summary>
/// <param name="secrets">The secrets.</param>
internal sealed class McpSecrets(IEnumerable<string> secrets)
{
    /// <summary>Shorter texts are no secrets, and stand in too many words.</summary>
    private const int Shortest = 4;

    private readonly string[] _secrets = [.. secrets.Where(secret => secret.Length >= Shortest).Distinct(StringComparer.Ordinal).OrderByDescending(secret => secret.Length)];

    public string Redact(string text) => _secrets.Aggregate(text, (current, secret) => current.Replace(secret, "…", StringComparison.Ordinal));
}
