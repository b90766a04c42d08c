using System.Security.Cryptography;
using Cluster.Engine.Messages;

namespace Cluster.Engine.Contents;

/// <summary>Keeps content in memory, beside the runs of <see cref="Storage.MemoryStore"/>.</summary>
/// <param name="timeProvider">The clock.</param>
/// <param name="grace">How long content stays to which nothing refers yet; null for an hour.</param>
public sealed class MemoryMediaStore(TimeProvider timeProvider, TimeSpan? grace = null) : IMediaStore
{
    private readonly Lock _lock = new();
    private readonly TimeSpan _grace = grace ?? TimeSpan.FromHours(1);
    private readonly Dictionary<(string TenantId, string Sha256), Entry> _entries = [];
    private readonly Dictionary<(string TenantId, string RunId), List<(string SessionId, MediaUse Use)>> _uses = [];

    /// <summary>Gets a value indicating whether there is nothing, so that nothing can refer to it.</summary>
    internal bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count == 0;
            }
        }
    }

    /// <inheritdoc/>
    public async Task<MediaReference> PutAsync(string tenantId, Stream content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        using var buffer = new MemoryStream();
        await content.CopyToAsync(buffer, cancellationToken);
        var bytes = buffer.ToArray();
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        lock (_lock)
        {
            var entry = _entries.GetValueOrDefault((tenantId, sha256)) ?? (_entries[(tenantId, sha256)] = new Entry(bytes));
            entry.HeldUntil = timeProvider.GetUtcNow() + _grace;
        }

        return new MediaReference(sha256, bytes.Length);
    }

    /// <inheritdoc/>
    public Task<Stream?> OpenAsync(string tenantId, string sha256, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return Task.FromResult<Stream?>(_entries.GetValueOrDefault((tenantId, sha256)) is { } entry ? new MemoryStream(entry.Bytes, writable: false) : null);
        }
    }

    /// <inheritdoc/>
    public Task<StoredMedia?> FindAsync(string tenantId, string sessionId, string key, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            var use = _uses.Where(uses => uses.Key.TenantId == tenantId).SelectMany(uses => uses.Value).FirstOrDefault(use => use.SessionId == sessionId && (use.Use.Sha256 == key || use.Use.MediaId == key)).Use;
            return Task.FromResult(use.Sha256 is not null && _entries.GetValueOrDefault((tenantId, use.Sha256)) is { } entry
                ? new StoredMedia(use.Sha256, entry.Bytes.Length, use.MimeType)
                : null);
        }
    }

    /// <inheritdoc/>
    public Task<int> SweepAsync(CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            var used = _uses.SelectMany(uses => uses.Value.Select(use => (uses.Key.TenantId, use.Use.Sha256))).ToHashSet();
            var now = timeProvider.GetUtcNow();
            var gone = _entries.Where(entry => entry.Value.HeldUntil <= now && !used.Contains(entry.Key)).Select(entry => entry.Key).ToArray();
            return Task.FromResult(gone.Count(_entries.Remove));
        }
    }

    /// <summary>Takes down what a run refers to.</summary>
    internal void Refer(string tenantId, string runId, string sessionId, IEnumerable<MediaUse> uses)
    {
        lock (_lock)
        {
            foreach (var use in uses)
            {
                if (!_uses.TryGetValue((tenantId, runId), out var all))
                {
                    _uses[(tenantId, runId)] = all = [];
                }

                if (!all.Contains((sessionId, use)))
                {
                    all.Add((sessionId, use));
                }
            }
        }
    }

    /// <summary>Forgets what a run refers to, which is gone.</summary>
    internal void Release(string tenantId, string runId)
    {
        lock (_lock)
        {
            _uses.Remove((tenantId, runId));
        }
    }

    private sealed class Entry(byte[] bytes)
    {
        public byte[] Bytes => bytes;

        public DateTimeOffset HeldUntil { get; set; }
    }
}
