using Cluster.Engine.Errors;

namespace Cluster.Storage.Maintenance;

/// <summary>A file that appears when it is whole and on disk. Only its owner may read it: it holds what was said.</summary>
public sealed class DraftFile : IAsyncDisposable
{
    private readonly string _file;
    private bool _isComplete;

    private DraftFile(string file, string path)
    {
        _file = file;
        Path = path;
    }

    /// <summary>Gets where the file is until it is whole.</summary>
    public string Path { get; }

    /// <summary>Begins a file.</summary>
    /// <param name="file">Where it is to appear.</param>
    /// <returns>The draft, empty.</returns>
    /// <exception cref="ConflictException">There is something already.</exception>
    /// <exception cref="UnavailableException">It cannot be written there.</exception>
    public static DraftFile Create(string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        var whole = System.IO.Path.GetFullPath(file);
        if (File.Exists(whole) || Directory.Exists(whole))
        {
            throw new ConflictException($"'{whole}' exists already, and nothing is overwritten. Name another file, or remove it.");
        }

        var path = $"{whole}.{Guid.NewGuid():N}.part";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            new FileStream(path, options).Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException($"'{whole}' cannot be written: {error.Message}", error);
        }

        return new DraftFile(whole, path);
    }

    /// <summary>Puts the file on disk and in its place.</summary>
    /// <returns>How many bytes it has.</returns>
    /// <exception cref="ConflictException">Another one has appeared there meanwhile.</exception>
    public long Complete()
    {
        long length;
        using (var written = new FileStream(Path, FileMode.Open, FileAccess.ReadWrite))
        {
            written.Flush(flushToDisk: true);
            length = written.Length;
        }

        try
        {
            File.Move(Path, _file, overwrite: false);
        }
        catch (IOException) when (File.Exists(_file))
        {
            throw new ConflictException($"'{_file}' exists already, and nothing is overwritten. Name another file, or remove it.");
        }

        _isComplete = true;
        return length;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (!_isComplete)
        {
            File.Delete(Path);

            // What SQLite keeps beside a file that it writes.
            File.Delete(Path + "-journal");
        }

        return ValueTask.CompletedTask;
    }
}
