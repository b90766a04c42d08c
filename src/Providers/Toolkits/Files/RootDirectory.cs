using Cluster.Engine.Errors;

namespace Cluster.Providers.Toolkits.Files;

/// <summary>A directory that nothing leads out of: no absolute path, no <c>..</c>, no symbolic link.</summary>
internal sealed class RootDirectory
{
    private const int MostLinks = 40;

    private static readonly EnumerationOptions WithoutLinks = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 64,
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
    };

    /// <summary>Creates the view of a directory.</summary>
    /// <param name="path">The directory; it need not exist yet.</param>
    public RootDirectory(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        FullPath = RealPath(Path.GetFullPath(path));
    }

    /// <summary>Gets the directory itself, links resolved.</summary>
    public string FullPath { get; }

    /// <summary>Finds what a relative path stands for.</summary>
    /// <param name="path">The path, with <c>/</c>.</param>
    /// <returns>The full path, links resolved.</returns>
    /// <exception cref="ForbiddenException">It leads out.</exception>
    public string Resolve(string path)
    {
        if (path.Contains('\0', StringComparison.Ordinal) || Path.IsPathRooted(path))
        {
            throw new ForbiddenException($"'{path}' is no relative path. Give one that starts in the directory of the files, for instance notes/a.txt.");
        }

        // Checked before and after links, so that a/../.. is refused even where a is a link to somewhere deep.
        var full = Path.GetFullPath(Path.Combine(FullPath, path));
        return IsInside(full) && RealPath(full) is var real && IsInside(real)
            ? real
            : throw new ForbiddenException($"'{path}' leads out of the directory of the files. Stay in it.");
    }

    /// <summary>Finds a file that is there.</summary>
    /// <exception cref="InvalidRequestException">It is a pipe, a socket or a device.</exception>
    public FileInfo File(string path) => new FileInfo(Resolve(path)) is { Exists: true } file
        ? RegularFile.Is(file.FullName) ? file : throw RegularFile.Refusal(path)
        : throw new NotFoundException($"There is no file '{path}'. List the files to see which there are.");

    /// <summary>Finds a directory that is there.</summary>
    public DirectoryInfo Directory(string path) => new DirectoryInfo(Resolve(path)) is { Exists: true } directory
        ? directory
        : throw new NotFoundException($"There is no directory '{path}'. List the files of '.' to see what there is.");

    /// <summary>Gives all files below a directory that hold something, those behind links left out.</summary>
    public IEnumerable<FileInfo> FilesBelow(string path) => Directory(path).EnumerateFiles("*", WithoutLinks).Where(file => RegularFile.Is(file.FullName)).OrderBy(file => file.FullName, StringComparer.Ordinal);

    /// <summary>Names a file as models do.</summary>
    public string Name(FileSystemInfo entry) => Path.GetRelativePath(FullPath, entry.FullName).Replace('\\', '/');

    private bool IsInside(string full) =>
        full == FullPath || full.StartsWith(Path.EndsInDirectorySeparator(FullPath) ? FullPath : FullPath + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>Resolves the links of a path, step by step; what does not exist stays as it is.</summary>
    private static string RealPath(string full)
    {
        var open = new Stack<string>(Parts(full).Reverse());
        var current = Path.GetPathRoot(full)!;
        for (var links = 0; open.TryPop(out var part);)
        {
            var next = Path.GetFullPath(Path.Combine(current, part));
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                current = next;
                continue;
            }

            if (++links > MostLinks)
            {
                throw new ForbiddenException($"The links of '{Path.GetFileName(full)}' go in a circle. Use another file.");
            }

            var pointed = Path.GetFullPath(Path.Combine(current, target));
            current = Path.GetPathRoot(pointed)!;
            foreach (var step in Parts(pointed).Reverse())
            {
                open.Push(step);
            }
        }

        return current;
    }

    private static string[] Parts(string full) =>
        full[Path.GetPathRoot(full)!.Length..].Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
}
