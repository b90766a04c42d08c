using System.Collections.Immutable;
using System.ComponentModel;
using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Limits;
using Cluster.Engine.Memory;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Toolkits.Memory;

/// <summary>The tools of <see cref="MemoryToolkit"/>.</summary>
/// <param name="memoriesOf">Where memories are kept.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class MemoryTools(Func<TenantId, IUserMemoryStore> memoriesOf, TimeProvider timeProvider)
{
    private const int MostListed = 200;

    /// <summary>Of long inputs the beginning has to do: every memory carries its own copy.</summary>
    private const int LongestInput = 2_000;

    private long Now => timeProvider.GetUtcNow().ToUnixTimeSeconds();

    [Description("Keeps something about the user for all later conversations.")]
    public async Task<string> AddMemoryAsync(
        RunContext context,
        [Description("What to remember: one fact about the user, in a whole sentence.")] string memory,
        [Description("What it is about, in a word each, for instance name, hobbies or work.")] IReadOnlyList<string>? topics = null,
        CancellationToken cancellationToken = default)
    {
        var userId = UserOf(context);
        var wanted = new UserMemory
        {
            MemoryId = NewId(context, userId, Checked(memory)),
            Memory = memory,
            Topics = Checked(topics),
            UserId = userId,
            AgentId = context.TeamId is null ? context.AgentId : null,
            TeamId = context.TeamId,
            Input = Beginning(context.Input?.InputContent.ToString()),
            CreatedAt = Now,
            UpdatedAt = Now,
        };
        return Show(await memoriesOf(context.Scope.Tenant).AddAsync(wanted, cancellationToken) ?? throw Unknown(wanted.MemoryId));
    }

    [Description("Gives what is remembered about the user, what changed last first.")]
    public async Task<string> GetMemoriesAsync(
        RunContext context,
        [Description("A part of what to look for; null for everything.")] string? query = null,
        [Description("What the memories have to be about, all of it; null for anything.")] IReadOnlyList<string>? topics = null,
        [Description("How many memories at most, 1 to 200.")] int limit = 50,
        CancellationToken cancellationToken = default)
    {
        var page = await memoriesOf(context.Scope.Tenant).ListAsync(
            new UserMemoryQuery(ScopeOf(context)) { Contains = query, Topics = [.. topics ?? []], Limit = Math.Clamp(limit, 1, MostListed) }, cancellationToken);
        return page.Memories.IsEmpty
            ? query is null && topics is not { Count: > 0 } ? "Nothing is remembered about the user yet." : "Nothing like that is remembered about the user."
            : ToolJson.Write(new { Memories = page.Memories.Select(ToView), Total = page.TotalCount });
    }

    [Description("Corrects something that is remembered about the user.")]
    public async Task<string> UpdateMemoryAsync(
        RunContext context,
        [Description("The memory's id, from get_memories.")] string memory_id,
        [Description("What to remember instead; null to leave it.")] string? memory = null,
        [Description("What it is about from now on; null to leave it.")] IReadOnlyList<string>? topics = null,
        CancellationToken cancellationToken = default)
    {
        var patch = new UserMemoryPatch { Memory = memory is null ? null : Checked(memory), Topics = Checked(topics), UpdatedAt = Now };
        return Show(await memoriesOf(context.Scope.Tenant).UpdateAsync(ScopeOf(context), memory_id, patch, cancellationToken) ?? throw Unknown(memory_id));
    }

    [Description("Forgets something that is remembered about the user.")]
    public async Task<string> DeleteMemoryAsync(
        RunContext context, [Description("The memory's id, from get_memories.")] string memory_id, CancellationToken cancellationToken = default)
    {
        await memoriesOf(context.Scope.Tenant).DeleteAsync(ScopeOf(context), [memory_id], cancellationToken);
        return $"No memory of the user has the id '{memory_id}' any more.";
    }

    private static string UserOf(RunContext context) => string.IsNullOrEmpty(context.UserId) ? UserMemory.DefaultUserId : context.UserId;

    private static MemoryScope ScopeOf(RunContext context) => MemoryScope.Of(UserOf(context));

    /// <summary>The same call has the same id, in whatever process it is made again. What is remembered is part of it: an id must never stand for something else.</summary>
    private static string NewId(RunContext context, string userId, string memory) =>
        DerivedId.Of(JsonSerializer.SerializeToUtf8Bytes<string?[]>([userId, context.IdempotencyKey ?? Guid.NewGuid().ToString(), memory]));

    private static string Checked(string memory) => memory.Length switch
    {
        _ when string.IsNullOrWhiteSpace(memory) => throw new InvalidRequestException("There is nothing to remember. Say in 'memory' what it is."),
        > UserMemory.MaxLength => throw new InvalidRequestException($"A memory has at most {UserMemory.MaxLength:N0} characters, and this one has {memory.Length:N0}. Say it shorter, or in several."),
        _ => memory,
    };

    private static ImmutableArray<string>? Checked(IReadOnlyList<string>? topics) => topics switch
    {
        null => null,
        { Count: > FieldLimits.MemoryTopics } => throw new InvalidRequestException($"A memory has at most {FieldLimits.MemoryTopics} topics. Name the most important ones."),
        _ when topics.Any(topic => string.IsNullOrWhiteSpace(topic) || topic.Length > FieldLimits.TopicLength) =>
            throw new InvalidRequestException($"A topic is a word or a few, with at most {FieldLimits.TopicLength} characters."),
        _ => [.. topics.Select(topic => topic.Trim()).Distinct(StringComparer.Ordinal)],
    };

    private static string? Beginning(string? input)
    {
        if (input is null || input.Length <= LongestInput)
        {
            return input;
        }

        return input[..(char.IsHighSurrogate(input[LongestInput - 1]) ? LongestInput - 1 : LongestInput)];
    }

    private static NotFoundException Unknown(string memoryId) => new($"No memory of the user has the id '{memoryId}'. get_memories gives the ids.");

    private static string Show(UserMemory memory) => ToolJson.Write(ToView(memory));

    private static MemoryView ToView(UserMemory memory) =>
        new(memory.MemoryId, memory.Memory, memory.Topics is { IsDefaultOrEmpty: false } topics ? [.. topics] : null, DateTimeOffset.FromUnixTimeSeconds(memory.UpdatedAt));

    /// <summary>A memory as models see it.</summary>
    private sealed record MemoryView(string MemoryId, string Memory, string[]? Topics, DateTimeOffset UpdatedAt);
}
