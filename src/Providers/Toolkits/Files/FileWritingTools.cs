using System.ComponentModel;
using System.Text;
using Cluster.Engine.Errors;

namespace Cluster.Providers.Toolkits.Files;

/// <summary>Changes files.</summary>
/// <param name="root">Where they are.</param>
/// <param name="options">The limits.</param>
internal sealed class FileWritingTools(RootDirectory root, FileToolkitOptions options)
{
    [Description("Writes a text file. Directories that are missing are made; what the file held before is replaced.")]
    public async Task<string> WriteFileAsync(
        [Description("The file, relative.")] string path, [Description("All that the file holds afterwards.")] string content, CancellationToken cancellationToken)
    {
        var bytes = Bounded(path, content, 0);
        var target = Prepare(path);

        // Readers see the old file or the new one, never half of one.
        var draft = $"{target}.{Guid.NewGuid():N}.tmp";
        try
        {
            await File.WriteAllBytesAsync(draft, bytes, cancellationToken);
            File.Move(draft, target, overwrite: true);
        }
        finally
        {
            File.Delete(draft);
        }

        return $"Wrote {bytes.Length} bytes to {path}.";
    }

    [Description("Adds a text at the end of a file, and makes the file when it is missing. A line break has to be part of the text.")]
    public async Task<string> AppendFileAsync(
        [Description("The file, relative.")] string path, [Description("The text to add.")] string content, CancellationToken cancellationToken)
    {
        var target = Prepare(path);
        var bytes = Bounded(path, content, File.Exists(target) ? new FileInfo(target).Length : 0);
        await File.AppendAllBytesAsync(target, bytes, cancellationToken);
        return $"Added {bytes.Length} bytes to {path}.";
    }

    [Description("Deletes a file.")]
    public string DeleteFile([Description("The file, relative.")] string path)
    {
        root.File(path).Delete();
        return $"Deleted {path}.";
    }

    private byte[] Bounded(string path, string content, long present)
    {
        var bytes = Encoding.UTF8.GetBytes(content);
        return present + bytes.Length <= options.MaxFileBytes
            ? bytes
            : throw new InvalidRequestException($"'{path}' would have {present + bytes.Length} bytes; at most {options.MaxFileBytes} are allowed. Write less.");
    }

    private string Prepare(string path)
    {
        var target = root.Resolve(path);
        if (target == root.FullPath || Directory.Exists(target))
        {
            throw new InvalidRequestException($"'{path}' is a directory. Name a file.");
        }

        if (File.Exists(target) && !RegularFile.Is(target))
        {
            throw RegularFile.Refusal(path);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        return target;
    }
}
