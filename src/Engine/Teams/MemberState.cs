using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Engine.Json;
using Cluster.Engine.Sessions;
using Cluster.Engine.Teams.Tasks;

namespace Cluster.Engine.Teams;

/// <summary>
/// What members do to the session state. A member works on a copy; only what it has changed comes back when it has settled, so that it undoes nothing that
/// others have changed meanwhile. Of members that change the same member of the state, the last one in the order of their tasks wins.
/// </summary>
internal static class MemberState
{
    /// <summary>Takes a member's changes over.</summary>
    /// <param name="state">The team's state.</param>
    /// <param name="settled">The member.</param>
    public static void Merge(SessionState state, SettledMember settled)
    {
        if (settled.Output.SessionState is { } after && Changes(settled.Request.SessionState ?? EngineJson.EmptyObject, TaskList.Without(after)) is { } changes)
        {
            state.Update(SessionState.Merge(Shared(state.Kept, changes), changes));
        }
    }

    /// <summary>Finds what differs.</summary>
    /// <param name="before">The copy that the member got, an object.</param>
    /// <param name="after">The state that it left, an object.</param>
    /// <returns>The members that are new or different, an object; null for none. What was taken out stays.</returns>
    public static JsonElement? Changes(JsonElement before, JsonElement after)
    {
        var changes = new JsonObject();
        foreach (var member in after.EnumerateObject())
        {
            var isKnown = before.TryGetProperty(member.Name, out var known);
            if (isKnown && known.ValueKind == JsonValueKind.Object && member.Value.ValueKind == JsonValueKind.Object)
            {
                if (Changes(known, member.Value) is { } inner)
                {
                    changes[member.Name] = UniqueMembers.ToNode(inner);
                }
            }
            else if (!isKnown || !JsonElement.DeepEquals(known, member.Value))
            {
                changes[member.Name] = UniqueMembers.ToNode(member.Value);
            }
        }

        return changes.Count == 0 ? null : JsonElement.Parse(changes.ToJsonString(EngineJson.Options));
    }

    /// <summary>Gives the members of the state that are changed, as they are: changes inside of them are laid over.</summary>
    private static JsonElement Shared(JsonElement state, JsonElement changes)
    {
        var shared = new JsonObject();
        foreach (var member in changes.EnumerateObject())
        {
            if (state.TryGetProperty(member.Name, out var known))
            {
                shared[member.Name] = UniqueMembers.ToNode(known);
            }
        }

        return JsonElement.Parse(shared.ToJsonString(EngineJson.Options));
    }
}
