using Cluster.Engine.Errors;
using Cluster.Engine.Outputs;
using Microsoft.Extensions.Options;

namespace Cluster.Standalone;

/// <summary>Keeps answers as files below one directory, which is made when the first answer comes.</summary>
/// <param name="options">Names the directory.</param>
internal sealed class AnswerDirectory(IOptions<StandaloneOptions> options) : IAnswerFiles
{
    private readonly string _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Value.Answers));

    /// <inheritdoc/>
    public async ValueTask WriteAsync(string path, string text, CancellationToken cancellationToken = default)
    {
        var file = Path.GetFullPath(Path.Combine(_root, path));
        if (Path.IsPathRooted(path) || !file.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new InvalidRequestException($"The file '{path}' is not below the directory for answers. Write a relative path without '..'.");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(file)!);

        // Whoever looks for the file finds a whole answer or none.
        var draft = $"{file}.{Guid.NewGuid():N}.tmp";
        try
        {
            await File.WriteAllTextAsync(draft, text, cancellationToken);
            File.Move(draft, file, overwrite: true);
        }
        finally
        {
            File.Delete(draft);
        }
    }
}
