using System.Globalization;

namespace Cluster.Contract.Tests.Replay;

/// <summary>A recorded exchange: the command that asked, and the answer as it arrived.</summary>
internal sealed record Recording(string Name, CurlCommand Command, int Status, ILookup<string, string> Headers, string Body)
{
    public static string Folder => Path.Combine(Repository.Root, "tests", "Contract.Tests", "Recordings");

    public static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal);

    public bool IsStream => Headers["content-type"].Any(type => type.StartsWith("text/event-stream", StringComparison.Ordinal));

    public bool IsJson => Headers["content-type"].Contains("application/json") && Body.Length > 0;

    public static Recording Load(string name)
    {
        var text = File.ReadAllText(Path.Combine(Folder, name + ".txt"));
        var endOfCommand = text.IndexOf('\n', StringComparison.Ordinal);
        var answer = text[(endOfCommand + 1)..].TrimStart('\n');
        var endOfHead = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var head = answer[..endOfHead].Split("\r\n");
        var headers = head.Skip(1).Select(line => line.Split(": ", 2)).ToLookup(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        return new Recording(
            name, CurlCommand.Parse(text[..endOfCommand].TrimStart('$', ' ')), int.Parse(head[0].Split(' ')[1], CultureInfo.InvariantCulture), headers, answer[(endOfHead + 4)..]);
    }
}
