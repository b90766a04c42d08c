using Cluster.Engine.Memory;
using Cluster.Engine.Scopes;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Toolkits.Memory;

/// <summary>What agents remember about the user whom they work for, in whatever session. Users are told apart by the run, never by what a model says.</summary>
public static class MemoryToolkit
{
    private const string Guidance =
        "What you learn about the user and will still matter in later conversations, keep with add_memory: one fact a memory, in a whole sentence about the user. "
        + "Look at get_memories before you add or rely on something, correct with update_memory what has changed, and forget with delete_memory what the user wants forgotten. "
        + "Do not keep passwords, keys or numbers of cards and accounts.";

    /// <summary>Makes the toolkit <c>memory</c> with the tools <c>add_memory</c>, <c>get_memories</c>, <c>update_memory</c> and <c>delete_memory</c>.</summary>
    /// <param name="memoriesOf">Where the memories of a tenant are kept.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    /// <param name="instructions">What models are told about it; null for the built-in text.</param>
    /// <returns>The toolkit.</returns>
    public static Toolkit Create(Func<TenantId, IUserMemoryStore> memoriesOf, TimeProvider? timeProvider = null, string? instructions = null)
    {
        ArgumentNullException.ThrowIfNull(memoriesOf);
        var tools = new MemoryTools(memoriesOf, timeProvider ?? TimeProvider.System);
        var repeatable = new ToolOptions { Effect = ToolEffect.Pure };
        return new Toolkit
        {
            Name = "memory",
            Instructions = instructions ?? Guidance,
            Tools =
            [
                Tool.Create(tools.AddMemoryAsync, new ToolOptions { Effect = ToolEffect.Keyed }),
                Tool.Create(tools.GetMemoriesAsync, repeatable),

                // Both say what shall be and not what shall change, so saying it twice is the same as saying it once.
                Tool.Create(tools.UpdateMemoryAsync, repeatable),
                Tool.Create(tools.DeleteMemoryAsync, repeatable),
            ],
        };
    }
}
