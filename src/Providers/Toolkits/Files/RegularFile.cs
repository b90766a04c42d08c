using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Cluster.Engine.Errors;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Providers.Toolkits.Files;

/// <summary>
/// Opens files that hold something. A pipe, a socket or a device has a name like a file, and whoever opens it may wait for good for somebody at the other end;
/// .NET neither tells them apart nor opens anything without waiting.
/// </summary>
internal static partial class RegularFile
{
    private const int CurrentDirectory = -100;
    private const int NotThroughLinks = 0x100;
    private const int OfTheHandle = 0x1000;
    private const uint TypeOnly = 1;

    /// <summary>Where the kernel puts the mode, on every architecture.</summary>
    private const int ModeAt = 28;
    private const int TypeBits = 0xF000;
    private const int Regular = 0x8000;

    /// <summary>Tells whether a path names a file that holds something.</summary>
    /// <param name="path">The path, links resolved.</param>
    /// <returns>False for a pipe, a socket, a device or a link, as far as the system tells, and for what is not there.</returns>
    public static bool Is(string path) => !OperatingSystem.IsLinux() || IsRegular(CurrentDirectory, path, NotThroughLinks) != false;

    /// <summary>Opens a file for reading, without waiting for anybody.</summary>
    /// <param name="path">The path, links resolved.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <exception cref="InvalidRequestException">It is no file that holds something.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The stream that is given closes the handle.")]
    public static FileStream Open(string path, string name)
    {
        if (OperatingSystem.IsWindows())
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }

        if (!Is(path))
        {
            throw Refusal(name);
        }

        // It may have become something else since.
        var stream = new FileStream(OpenHandle(path, name), FileAccess.Read, bufferSize: 4096, isAsync: false);
        if (stream.CanSeek && (!OperatingSystem.IsLinux() || IsRegular((int)stream.SafeFileHandle.DangerousGetHandle(), string.Empty, OfTheHandle) != false))
        {
            return stream;
        }

        stream.Dispose();
        throw Refusal(name);
    }

    /// <summary>Makes the refusal of what is no file that holds something.</summary>
    public static InvalidRequestException Refusal(string name) => new($"'{name}' is no regular file but a pipe, a socket or a device. Use another file.");

    private static SafeFileHandle OpenHandle(string path, string name)
    {
        // Not to wait, and not to be inherited by programs that are started meanwhile.
        var flags = OperatingSystem.IsLinux() ? 0x800 | 0x80000 : OperatingSystem.IsMacOS() ? 0x4 | 0x1000000 : 0x4 | 0x100000;
        var handle = Open(path, flags);
        if (!handle.IsInvalid)
        {
            return handle;
        }

        var code = Marshal.GetLastPInvokeError();
        handle.Dispose();
        throw new IOException($"'{name}' cannot be opened: {new Win32Exception(code).Message}", code);
    }

    /// <returns>Null when the system does not tell.</returns>
    private static bool? IsRegular(int directory, string path, int flags)
    {
        var found = new byte[256];
        try
        {
            return Stat(directory, path, flags, TypeOnly, found) == 0 && (MemoryMarshal.Read<ushort>(found.AsSpan(ModeAt)) & TypeBits) == Regular;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Stat(int directory, string path, int flags, uint mask, [In, Out] byte[] found);
}
