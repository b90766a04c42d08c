using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Cluster.Engine.Caching;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cluster.Storage.Embedded;

/// <summary>
/// Keeps results in files beside the journal, one a result: the journal is for what must not be lost. A disk that fails means that nothing is found and nothing
/// is kept: no run fails for that.
/// </summary>
public sealed partial class EmbeddedResultCache : IResultCache
{
    private const string Folder = "results";
    private const string Draft = ".new";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<CachedFile>> _files = new(StringComparer.Ordinal);
    private readonly LinkedList<CachedFile> _oldestFirst = [];
    private readonly string _directory;
    private readonly long _capacity;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private long _size;
    private long _writes;

    /// <summary>Opens the cache. The caller sees to it that no other process uses the directory.</summary>
    /// <param name="options">The directory of the store, and the bound.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="logger">Where failures are noted; null for nowhere.</param>
    public EmbeddedResultCache(EmbeddedStorageOptions options, TimeProvider timeProvider, ILogger<EmbeddedResultCache>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(timeProvider);
        _directory = Path.Combine(options.Directory, Folder);
        _capacity = options.CacheBytes;
        _timeProvider = timeProvider;
        _logger = logger ?? NullLogger<EmbeddedResultCache>.Instance;
        Guard(ReadDirectory);
    }

    private long Now => _timeProvider.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc/>
    public async ValueTask<string?> FindAsync(string key, CancellationToken cancellationToken = default)
    {
        var name = NameOf(key);
        CachedFile file;
        lock (_lock)
        {
            if (!_files.TryGetValue(name, out var known))
            {
                return null;
            }

            file = known.Value;
            if (file.ExpiresAt <= Now)
            {
                Guard(() => Remove(known));
                return null;
            }
        }

        try
        {
            return CachedFile.Decode(await File.ReadAllBytesAsync(PathOf(name), cancellationToken), key);
        }
        catch (Exception error) when (JournalWriter.IsDiskError(error))
        {
            // Another caller may just have removed it, because it was the oldest.
            LogFailed(error, _directory);
            return null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask PutAsync(string key, string result, TimeSpan timeToLive, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(result);
        var (name, expiresAt) = (NameOf(key), Now + (long)timeToLive.TotalMilliseconds);
        var bytes = CachedFile.Encode(key, result, expiresAt);
        if (bytes.Length > _capacity)
        {
            return;
        }

        // A file is there as a whole or not at all.
        var draft = PathOf(Interlocked.Increment(ref _writes).ToString(CultureInfo.InvariantCulture) + Draft);
        try
        {
            // What is kept was made already: whoever gives up waiting for it must not lose it for that.
            await File.WriteAllBytesAsync(draft, bytes, CancellationToken.None);
            lock (_lock)
            {
                File.Move(draft, PathOf(name), overwrite: true);
                Add(new CachedFile(name, bytes.Length, expiresAt));
                RemoveOldest();
            }
        }
        catch (Exception error) when (JournalWriter.IsDiskError(error))
        {
            LogFailed(error, _directory);
        }
    }

    private void ReadDirectory()
    {
        foreach (var file in Directory.CreateDirectory(_directory).GetFiles().OrderBy(file => file.LastWriteTimeUtc))
        {
            if (file.Extension != Draft && CachedFile.ReadHead(file) is { } known && known.ExpiresAt > Now)
            {
                Add(known);
            }
            else
            {
                file.Delete();
            }
        }

        RemoveOldest();
    }

    private void Add(CachedFile file)
    {
        if (_files.Remove(file.Name, out var earlier))
        {
            _oldestFirst.Remove(earlier);
            _size -= earlier.Value.Bytes;
        }

        _files[file.Name] = _oldestFirst.AddLast(file);
        _size += file.Bytes;
    }

    private void RemoveOldest()
    {
        while (_oldestFirst.First is { } oldest && (_size > _capacity || oldest.Value.ExpiresAt <= Now))
        {
            Remove(oldest);
        }
    }

    private void Remove(LinkedListNode<CachedFile> file)
    {
        _files.Remove(file.Value.Name);
        _oldestFirst.Remove(file);
        _size -= file.Value.Bytes;
        File.Delete(PathOf(file.Value.Name));
    }

    private void Guard(Action work)
    {
        try
        {
            work();
        }
        catch (Exception error) when (JournalWriter.IsDiskError(error))
        {
            LogFailed(error, _directory);
        }
    }

    private string PathOf(string name) => Path.Combine(_directory, name);

    private static string NameOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    [LoggerMessage(LogLevel.Warning, "The cache of results in {Directory} cannot be used")]
    private partial void LogFailed(Exception error, string directory);
}
