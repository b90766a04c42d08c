using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Storage.Embedded;

/// <summary>
/// Makes names in a directory durable. Flushing a new or renamed file does not make its name survive a power cut on Unix: the directory
/// itself has to be flushed, and .NET refuses to open directories. NTFS journals names by itself.
/// </summary>
internal static partial class DirectorySync
{
    /// <summary>Flushes a directory.</summary>
    /// <param name="path">The directory.</param>
    /// <exception cref="IOException">It cannot be opened or flushed.</exception>
    public static void Flush(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // O_RDONLY is 0 on every Unix.
        using var handle = Open(path, flags: 0);
        if (handle.IsInvalid || FSync(handle) != 0)
        {
            var code = Marshal.GetLastPInvokeError();
            throw new IOException($"The directory '{path}' cannot be flushed: {new Win32Exception(code).Message}", code);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FSync(SafeFileHandle handle);
}
