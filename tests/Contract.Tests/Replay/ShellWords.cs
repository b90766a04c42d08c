using System.Text;

namespace Cluster.Contract.Tests.Replay;

/// <summary>Splits a command line as a shell does: words, single and double quotes, and a comment at the end.</summary>
internal static class ShellWords
{
    public static IEnumerable<string> Split(string line)
    {
        var word = new StringBuilder();
        var started = false;
        char? quote = null;
        foreach (var next in line)
        {
            if (quote == next || (quote is null && next is '\'' or '"'))
            {
                quote = quote is null ? next : null;
                started = true;
            }
            else if (quote is null && next == ' ')
            {
                if (started)
                {
                    yield return word.ToString();
                }

                started = false;
                word.Clear();
            }
            else if (quote is null && next == '#' && !started)
            {
                yield break;
            }
            else
            {
                word.Append(next);
                started = true;
            }
        }

        if (started)
        {
            yield return word.ToString();
        }
    }
}
