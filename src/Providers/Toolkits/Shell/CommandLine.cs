using System.Text;
using Cluster.Engine.Errors;

namespace Cluster.Providers.Toolkits.Shell;

/// <summary>Splits a command line into words as a shell does, and does nothing else that a shell does.</summary>
internal static class CommandLine
{
    /// <summary>Splits at spaces that are not quoted.</summary>
    /// <exception cref="InvalidRequestException">There are no words, or a quotation does not end.</exception>
    public static string[] Split(string line)
    {
        var words = new List<string>();
        StringBuilder? word = null;
        for (var i = 0; i < line.Length; i++)
        {
            if (char.IsWhiteSpace(line[i]))
            {
                words.AddRange(word is null ? [] : [word.ToString()]);
                word = null;
                continue;
            }

            word ??= new StringBuilder();
            i = line[i] switch
            {
                '\'' or '"' => Quoted(line, i, word),
                '\\' when i + 1 < line.Length => Escaped(line, i, word),
                _ => Plain(line, i, word),
            };
        }

        words.AddRange(word is null ? [] : [word.ToString()]);
        return words.Count > 0 ? [.. words] : throw new InvalidRequestException("The command is empty. Give a program and its arguments.");
    }

    private static int Plain(string line, int at, StringBuilder word)
    {
        word.Append(line[at]);
        return at;
    }

    private static int Escaped(string line, int at, StringBuilder word) => Plain(line, at + 1, word);

    private static int Quoted(string line, int start, StringBuilder word)
    {
        for (var i = start + 1; i < line.Length; i++)
        {
            if (line[i] == line[start])
            {
                return i;
            }

            i = line[start] == '"' && line[i] == '\\' && i + 1 < line.Length && line[i + 1] is '"' or '\\' ? Escaped(line, i, word) : Plain(line, i, word);
        }

        throw new InvalidRequestException("The command has a quotation that does not end. Close it.");
    }
}
