using Cluster.Engine.Errors;

namespace Cluster.Storage.Sqlite;

/// <summary>Keeps every other process out of a directory. The system lets go of it when the process ends, however it ends.</summary>
internal sealed class DirectoryLock : IDisposable
{
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int TryAgainLinux = 11;
    private const int TryAgainMac = 35;

    private readonly FileStream _file;

    private DirectoryLock(FileStream file) => _file = file;

    /// <summary>Takes a directory, and creates it when it is not there.</summary>
    /// <param name="directory">The directory.</param>
    /// <returns>The lock.</returns>
    /// <exception cref="UnavailableException">Another process has it, or it cannot be written.</exception>
    public static DirectoryLock Take(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
            return new DirectoryLock(new FileStream(Path.Combine(directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException error) when (error.HResult is SharingViolation or TryAgainLinux or TryAgainMac)
        {
            throw new UnavailableException(
                $"The store in '{directory}' is in use by another process. Stop that process, or give this one a directory of its own in "
                + $"{SqliteStorageOptions.SectionName}:{nameof(SqliteStorageOptions.Directory)}.",
                error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw SqliteErrors.CannotOpen(directory, error);
        }
    }

    public void Dispose() => _file.Dispose();
}
