using System.Collections.Immutable;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Toolkits.Files;

/// <summary>The files of one directory.</summary>
public static class FileToolkit
{
    private static readonly ToolOptions Reading = new() { Effect = ToolEffect.Pure };

    /// <summary>Makes the toolkit <c>files</c>.</summary>
    /// <param name="options">The directory and what may be done in it.</param>
    /// <returns>The toolkit.</returns>
    public static Toolkit Create(FileToolkitOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var root = new RootDirectory(options.Root);
        var reading = new FileReadingTools(root, options);
        var writing = new FileWritingTools(root, options);
        ImmutableArray<Tool> tools =
        [
            Tool.Create(reading.ListFiles, Reading),
            Tool.Create(reading.FindFiles, Reading),
            Tool.Create(reading.SearchFilesAsync, Reading),
            Tool.Create(reading.ReadFileAsync, Reading),
        ];
        tools = options.AllowWrite ? tools.Add(Tool.Create(writing.WriteFileAsync)).Add(Tool.Create(writing.AppendFileAsync)) : tools;
        return new Toolkit { Name = "files", Tools = options.AllowDelete ? tools.Add(Tool.Create(writing.DeleteFile)) : tools };
    }
}
