using System.Collections.Immutable;
using Cluster.Engine.Limits;

namespace Cluster.Engine.Memory;

/// <summary>Something that is remembered about a user beyond the session in which it was said.</summary>
public sealed record UserMemory
{
    /// <summary>Whose memories those of runs are that name no user, as in Agno.</summary>
    public const string DefaultUserId = "default";

    /// <summary>How long a memory may be, in characters, as in AgentOS.</summary>
    public const int MaxLength = FieldLimits.MemoryLength;

    /// <summary>Gets the memory's id, which no memory of any user shares.</summary>
    public required string MemoryId { get; init; }

    /// <summary>Gets what is remembered.</summary>
    public required string Memory { get; init; }

    /// <summary>Gets what it is about, in a word each; null when nobody said so.</summary>
    public ImmutableArray<string>? Topics { get; init; }

    /// <summary>Gets whom it is about. Nobody else's runs see it.</summary>
    public required string UserId { get; init; }

    /// <summary>Gets the agent that remembered it; null when it was none.</summary>
    public string? AgentId { get; init; }

    /// <summary>Gets the team that remembered it; null when it was none.</summary>
    public string? TeamId { get; init; }

    /// <summary>Gets what the user said when it was remembered, or the beginning of that; null when nothing was.</summary>
    public string? Input { get; init; }

    /// <summary>Gets what somebody thinks of the memory; null for nothing.</summary>
    public string? Feedback { get; init; }

    /// <summary>Gets when it was remembered, in Unix seconds.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Gets when it last changed, in Unix seconds.</summary>
    public long UpdatedAt { get; init; }
}

/// <summary>A change of a memory. Members that are null change nothing.</summary>
public sealed record UserMemoryPatch
{
    /// <summary>Gets what is remembered from now on.</summary>
    public string? Memory { get; init; }

    /// <summary>Gets what it is about from now on; empty for nothing.</summary>
    public ImmutableArray<string>? Topics { get; init; }

    /// <summary>Gets what somebody thinks of it from now on.</summary>
    public string? Feedback { get; init; }

    /// <summary>Gets when it changes, in Unix seconds.</summary>
    public required long UpdatedAt { get; init; }

    /// <summary>Changes a memory. It is the rule that every store applies.</summary>
    /// <param name="memory">The memory as it is.</param>
    /// <returns>The memory as it becomes.</returns>
    public UserMemory ApplyTo(UserMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        return memory with
        {
            Memory = Memory ?? memory.Memory,
            Topics = Topics ?? memory.Topics,
            Feedback = Feedback ?? memory.Feedback,
            UpdatedAt = UpdatedAt,
        };
    }
}
