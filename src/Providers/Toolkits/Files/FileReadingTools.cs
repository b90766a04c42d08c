using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Cluster.Engine.Errors;

namespace Cluster.Providers.Toolkits.Files;

/// <summary>Looks at files.</summary>
/// <param name="root">Where they are.</param>
/// <param name="options">The limits.</param>
internal sealed class FileReadingTools(RootDirectory root, FileToolkitOptions options)
{
    private const int LongestShownLine = 300;

    [Description("Lists the files and directories of a directory, with their sizes in bytes.")]
    public string ListFiles([Description("The directory, relative; . for the top.")] string path = ".")
    {
        var entries = root.Directory(path).EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal).Select(entry => entry switch
        {
            { LinkTarget: not null } => $"{root.Name(entry)} (a link)",
            FileInfo file when !RegularFile.Is(file.FullName) => $"{root.Name(file)} (no regular file)",
            FileInfo file => $"{root.Name(file)} ({file.Length} bytes)",
            _ => $"{root.Name(entry)}/",
        });
        return Show(entries, "The directory is empty.");
    }

    [Description("Finds files whose path fits a pattern, in all directories.")]
    public string FindFiles([Description("The pattern, for instance *.md or docs/**/*.txt.")] string pattern, CancellationToken cancellationToken)
    {
        var glob = Glob.Parse(pattern);
        var found = root.FilesBelow(".").TakeWhile(_ => !cancellationToken.IsCancellationRequested).Select(root.Name).Where(name => glob.IsMatch(name));
        return Show(found, $"No file fits '{pattern}'.");
    }

    [Description("Finds the lines of text files that contain a text, as path:line: content.")]
    public async Task<string> SearchFilesAsync(
        [Description("The text to look for; upper and lower case are the same.")] string text,
        CancellationToken cancellationToken,
        [Description("Only in files whose path fits this pattern, for instance *.md.")] string pattern = "**")
    {
        if (text.Length == 0)
        {
            throw new InvalidRequestException("There is nothing to look for. Give a text.");
        }

        var glob = Glob.Parse(pattern);
        var found = new List<string>();
        foreach (var file in root.FilesBelow(".").Where(file => file.Length <= options.MaxFileBytes && glob.IsMatch(root.Name(file))))
        {
            found.AddRange(await SearchAsync(file, text, options.MaxEntries + 1 - found.Count, cancellationToken));
            if (found.Count > options.MaxEntries)
            {
                break;
            }
        }

        return Show(found, $"'{text}' is in no file that fits '{pattern}'.");
    }

    [Description("Reads a text file, all of it or some of its lines.")]
    public async Task<string> ReadFileAsync(
        [Description("The file, relative.")] string path,
        CancellationToken cancellationToken,
        [Description("The first line to read, counted from 1.")] int startLine = 1,
        [Description("The last line to read; null for the end of the file.")] int? endLine = null)
    {
        if (startLine < 1 || endLine < startLine)
        {
            throw new InvalidRequestException($"There are no lines from {startLine} to {endLine}. Count from 1, the first line before the last.");
        }

        var file = Bounded(root.File(path), path);
        using var reader = await OpenAsync(file, path, cancellationToken);
        var text = new StringBuilder();
        for (var line = 1; !(line > endLine) && await reader.ReadLineAsync(cancellationToken) is { } content; line++)
        {
            if (line < startLine)
            {
                continue;
            }

            if (text.Length > 0 && text.Length + content.Length > options.MaxLetters)
            {
                return $"{text}[There is more. Go on with startLine {line}.]";
            }

            text.Append(BoundedRead.Shorten(content, options.MaxLetters, "The line is too long to be read.")).Append('\n');
        }

        return text.Length > 0 ? text.ToString() : startLine == 1 ? "The file is empty." : $"The file has fewer than {startLine} lines.";
    }

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The reader that is given closes the file.")]
    private async Task<StreamReader> OpenAsync(FileInfo file, string path, CancellationToken cancellationToken)
    {
        var stream = new BoundedStream(RegularFile.Open(file.FullName, path), options.MaxFileBytes);
        var head = new byte[1024];
        var length = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        if (!head.AsSpan(0, length).Contains((byte)0))
        {
            stream.Position = 0;
            return new StreamReader(stream);
        }

        await stream.DisposeAsync();
        throw new InvalidRequestException($"'{path}' is no text file. Read another one.");
    }

    private async Task<IReadOnlyList<string>> SearchAsync(FileInfo file, string text, int limit, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        try
        {
            using var reader = await OpenAsync(file, file.Name, cancellationToken);
            for (var line = 1; found.Count < limit && await reader.ReadLineAsync(cancellationToken) is { } content; line++)
            {
                if (content.Contains(text, StringComparison.OrdinalIgnoreCase))
                {
                    var shown = content.Trim();
                    found.Add($"{root.Name(file)}:{line}: {(shown.Length > LongestShownLine ? shown[..LongestShownLine] + "…" : shown)}");
                }
            }
        }
        catch (Exception unreadable) when (unreadable is InvalidRequestException or IOException or UnauthorizedAccessException)
        {
            // What is no text, or is gone or closed to us, has nothing to find.
        }

        return found;
    }

    private FileInfo Bounded(FileInfo file, string path) => file.Length <= options.MaxFileBytes
        ? file
        : throw new InvalidRequestException($"'{path}' has {file.Length} bytes; at most {options.MaxFileBytes} can be read. Read another file.");

    private string Show(IEnumerable<string> entries, string nothing)
    {
        var shown = entries.Take(options.MaxEntries + 1).ToArray();
        return shown.Length == 0 ? nothing
            : shown.Length <= options.MaxEntries ? string.Join('\n', shown)
            : $"{string.Join('\n', shown.Take(options.MaxEntries))}\n[There are more than {options.MaxEntries}. Ask for something narrower.]";
    }
}
