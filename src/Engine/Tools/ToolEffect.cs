namespace Cluster.Engine.Tools;

/// <summary>What may be done with a tool call whose outcome is unknown, because the process died while the tool worked.</summary>
public enum ToolEffect
{
    /// <summary>It must not simply be made again: the run pauses and a human decides. This is the default, because it is safe for every tool.</summary>
    Once,

    /// <summary>It may be made again: the tool only reads, or doing it twice is the same as doing it once.</summary>
    Pure,

    /// <summary>It may be made again with the same <see cref="RunContext.IdempotencyKey"/>: whoever the tool calls recognises the repetition.</summary>
    Keyed,
}
