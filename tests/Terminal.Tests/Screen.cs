using System.Text;
using Spectre.Console;

namespace Cluster.Terminal.Tests;

/// <summary>A terminal of 80 columns whose content can be read, and on which keys were typed before.</summary>
internal sealed class Screen : IDisposable
{
    private readonly StringWriter _text = new();

    public Screen(bool isTerminal, params string[] lines)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isTerminal ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.Yes,
            Out = new Output(_text, isTerminal),
        });
        Console = new TypedConsole(console, lines);
    }

    public IAnsiConsole Console { get; }

    /// <summary>Gets what was written, without the sequences that move the cursor.</summary>
    public string Text
    {
        get
        {
            var plain = new StringBuilder();
            var written = _text.ToString();
            for (var i = 0; i < written.Length; i++)
            {
                if (written[i] == '\u001b')
                {
                    while (i < written.Length && !char.IsAsciiLetter(written[i]))
                    {
                        i++;
                    }

                    continue;
                }

                plain.Append(written[i]);
            }

            return plain.ToString();
        }
    }

    public void Dispose() => _text.Dispose();

    private sealed class Output(TextWriter writer, bool isTerminal) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => isTerminal;

        public int Width => 80;

        public int Height => 200;

        public void SetEncoding(Encoding encoding)
        {
        }
    }

    /// <summary>The console with its own keyboard.</summary>
    private sealed class TypedConsole(IAnsiConsole console, string[] lines) : IAnsiConsole
    {
        public Profile Profile => console.Profile;

        public IAnsiConsoleCursor Cursor => console.Cursor;

        public IAnsiConsoleInput Input { get; } = new Keyboard(lines);

        public IExclusivityMode ExclusivityMode => console.ExclusivityMode;

        public Spectre.Console.Rendering.RenderPipeline Pipeline => console.Pipeline;

        public void Clear(bool home) => console.Clear(home);

        public void Write(Spectre.Console.Rendering.IRenderable renderable) => console.Write(renderable);
    }

    private sealed class Keyboard(string[] lines) : IAnsiConsoleInput
    {
        private readonly Queue<ConsoleKeyInfo> _keys = new(lines.SelectMany(line => line
            .Select(letter => new ConsoleKeyInfo(letter, ConsoleKey.None, shift: false, alt: false, control: false))
            .Append(new ConsoleKeyInfo('\r', ConsoleKey.Enter, shift: false, alt: false, control: false))));

        public bool IsKeyAvailable() => _keys.Count > 0;

        public ConsoleKeyInfo? ReadKey(bool intercept) => _keys.TryDequeue(out var key) ? key : throw new InvalidOperationException("Nothing more was typed.");

        public Task<ConsoleKeyInfo?> ReadKeyAsync(bool intercept, CancellationToken cancellationToken) => Task.FromResult(ReadKey(intercept));
    }
}
