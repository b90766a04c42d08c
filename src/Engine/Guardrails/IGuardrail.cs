using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Guardrails;

/// <summary>
/// Watches over what goes into an agent and what comes out. A guardrail screens the input before anything is recorded, so that what it masks is in no
/// event, row, log or trace; checks that need a network belong into the other two. A guardrail that breaks, whatever it throws, ends the run: hooks that break are ignored.
/// </summary>
public interface IGuardrail
{
    /// <summary>Gets the name in events.</summary>
    string Name { get; }

    /// <summary>Looks at the input before it is recorded. It must be quick and needs no network. It may run more than once for one input.</summary>
    /// <param name="input">The input as it came.</param>
    /// <returns>What is recorded and worked on, and why the run must not go on.</returns>
    ScreenedInput Screen(RunInput input) => new(input);

    /// <summary>
    /// Looks at a text that comes with a request beside the input, before it is recorded. The default lets it pass as it is.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="origin">Where it comes from.</param>
    /// <returns>What is recorded in its place, and why it must not be worked on.</returns>
    ScreenedText Screen(string text, TextOrigin origin) => new(text);

    /// <summary>Checks the input when the run begins. After a crash before the first model call ended, it is checked again.</summary>
    /// <param name="input">The input as it was recorded.</param>
    /// <param name="run">The run.</param>
    /// <param name="cancellationToken">Stops the check.</param>
    /// <returns>The input to work on.</returns>
    /// <exception cref="InputCheckException">The input may not be worked on.</exception>
    ValueTask<RunInput> CheckInputAsync(RunInput input, RunContext run, CancellationToken cancellationToken) => ValueTask.FromResult(input);

    /// <summary>Checks the answer before the run ends. Streamed words were sent by then.</summary>
    /// <param name="output">What the run amounts to.</param>
    /// <param name="run">The run.</param>
    /// <param name="cancellationToken">Stops the check.</param>
    /// <returns>A task that ends when the answer may be given.</returns>
    /// <exception cref="OutputCheckException">The answer may not be given.</exception>
    ValueTask CheckOutputAsync(RunOutput output, RunContext run, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}

/// <summary>An input that a guardrail has seen.</summary>
/// <param name="Input">What is recorded and worked on.</param>
/// <param name="Refusal">Why the run must not go on; null when it may.</param>
public sealed record ScreenedInput(RunInput Input, InputCheckException? Refusal = null);

/// <summary>A text beside the input that a guardrail has seen.</summary>
/// <param name="Text">What is recorded and worked on.</param>
/// <param name="Refusal">Why it must not be worked on; null when it may.</param>
public sealed record ScreenedText(string Text, InputCheckException? Refusal = null);

/// <summary>Where a text beside the input comes from.</summary>
public enum TextOrigin
{
    /// <summary>Session state, dependencies or metadata of a request.</summary>
    Value,

    /// <summary>What a human answers to a paused run.</summary>
    Answer,
}
