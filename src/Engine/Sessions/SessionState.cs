using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Engine.Errors;
using Cluster.Engine.Limits;

namespace Cluster.Engine.Sessions;

/// <summary>The session state while tools work on it. Tools of one turn run at the same time and share it, so every member is safe to use from any thread.</summary>
/// <param name="value">The state as it is, an object.</param>
/// <param name="current">What is shown beside it while a run works; null for nothing.</param>
public sealed class SessionState(JsonElement value, CurrentIds? current = null)
{
    private readonly Lock _lock = new();
    private JsonElement _value = Json.UniqueMembers.Of(value);

    /// <summary>What was stored before may repeat names: such a state is written anew.</summary>
    private bool _hasChanged = Json.UniqueMembers.HasRepetitions(value);
    private JsonElement? _shown;

    /// <summary>Gets how large the state may become. One that is larger already may only shrink.</summary>
    public long MaxBytes { get; init; } = long.MaxValue;

    /// <summary>Gets the state with all changes, an object. While a run works, it also holds <see cref="CurrentIds"/>, which are not kept.</summary>
    public JsonElement Value
    {
        get
        {
            lock (_lock)
            {
                return _shown ??= current is null ? _value : Merge(_value, current.ToJson(), deep: false);
            }
        }
    }

    /// <summary>Gets what is kept of the state, an object.</summary>
    internal JsonElement Kept
    {
        get
        {
            lock (_lock)
            {
                return _value;
            }
        }
    }

    /// <summary>Sets members of the state; those that are not named stay.</summary>
    /// <param name="changes">The members with their values, an object.</param>
    public void Update(JsonElement changes)
    {
        lock (_lock)
        {
            Change(Merge(_value, CurrentIds.Without(changes), deep: false));
        }
    }

    /// <summary>Sets one member of the state.</summary>
    /// <param name="key">The member.</param>
    /// <param name="member">Its value.</param>
    public void Set(string key, JsonElement member) => Update(JsonElement.Parse(new JsonObject { [key] = Json.UniqueMembers.ToNode(member) }.ToJsonString()));

    /// <summary>Changes the state in one step: nobody sees or changes it meanwhile.</summary>
    /// <param name="change">Gives the new state, an object, and what the caller wants to know.</param>
    internal T Change<T>(Func<JsonElement, (JsonElement State, T Result)> change)
    {
        lock (_lock)
        {
            var (changed, result) = change(_value);
            if (!JsonElement.DeepEquals(changed, _value))
            {
                Change(changed);
            }

            return result;
        }
    }

    /// <summary>Takes one member out of the state.</summary>
    /// <param name="key">The member.</param>
    /// <returns>False when there is no such member.</returns>
    public bool Remove(string key)
    {
        lock (_lock)
        {
            if (!_value.TryGetProperty(key, out _))
            {
                return false;
            }

            var members = Json.UniqueMembers.ToObject(_value);
            members.Remove(key);

            Change(JsonElement.Parse(members.ToJsonString(Json.EngineJson.Options)));
            return true;
        }
    }

    /// <summary>Lays one state over another.</summary>
    /// <param name="below">The state whose members give way, an object.</param>
    /// <param name="above">The state whose members win, an object; null for none.</param>
    /// <param name="deep">True to merge objects inside of objects, false to replace them.</param>
    /// <returns>The merged state.</returns>
    public static JsonElement Merge(JsonElement below, JsonElement? above, bool deep = true)
    {
        if (above is not { ValueKind: JsonValueKind.Object } winner || winner.GetPropertyCount() == 0)
        {
            return below;
        }

        if (below.ValueKind != JsonValueKind.Object || below.GetPropertyCount() == 0)
        {
            return Json.UniqueMembers.Of(winner);
        }

        var merged = Json.UniqueMembers.ToObject(below);
        Overlay(merged, Json.UniqueMembers.ToObject(winner), deep);
        return JsonElement.Parse(merged.ToJsonString(Json.EngineJson.Options));
    }

    /// <summary>Refuses a state that has become too large.</summary>
    /// <exception cref="TooLargeException">It is larger than it may be, and than it was.</exception>
    internal static void Demand(JsonElement before, JsonElement after, long maxBytes)
    {
        var size = FieldChecks.SizeOf(after);
        if (size > maxBytes && size > FieldChecks.SizeOf(before))
        {
            throw new TooLargeException("session_state", size, maxBytes, $"{FieldLimits.SectionName}:{nameof(FieldLimits.StateBytes)}");
        }
    }

    /// <summary>Takes the state if it has changed since it was last taken.</summary>
    /// <returns>The state; null without a change.</returns>
    internal JsonElement? TakeChange()
    {
        lock (_lock)
        {
            if (!_hasChanged)
            {
                return null;
            }

            _hasChanged = false;
            return _value;
        }
    }

    private void Change(JsonElement changed)
    {
        Demand(_value, changed, MaxBytes);
        _hasChanged |= !changed.Equals(_value);
        _value = changed;
        _shown = null;
    }

    private static void Overlay(JsonObject below, JsonObject above, bool deep)
    {
        foreach (var (key, value) in above.ToArray())
        {
            if (deep && value is JsonObject inner && below[key] is JsonObject outer)
            {
                Overlay(outer, inner, deep);
            }
            else
            {
                below[key] = value?.DeepClone();
            }
        }
    }
}

/// <summary>What tools and templates find in the session state while a run works, under the names that Agno gives it.</summary>
/// <param name="UserId">Shown as <c>current_user_id</c>; null when nobody is named.</param>
/// <param name="SessionId">Shown as <c>current_session_id</c>.</param>
/// <param name="RunId">Shown as <c>current_run_id</c>.</param>
public sealed record CurrentIds(string? UserId, string SessionId, string RunId)
{
    private static readonly string[] Names = ["current_user_id", "current_session_id", "current_run_id"];

    internal JsonElement ToJson()
    {
        var json = new JsonObject { [Names[1]] = SessionId, [Names[2]] = RunId };
        if (UserId is not null)
        {
            json[Names[0]] = UserId;
        }

        return JsonElement.Parse(json.ToJsonString(Json.EngineJson.Options));
    }

    /// <summary>Leaves the ids out of what a tool gives back, which may be the whole state as it was shown.</summary>
    internal static JsonElement Without(JsonElement changes)
    {
        if (changes.ValueKind != JsonValueKind.Object || !Names.Any(name => changes.TryGetProperty(name, out _)))
        {
            return changes;
        }

        var others = Json.UniqueMembers.ToObject(changes);
        foreach (var name in Names)
        {
            others.Remove(name);
        }

        return JsonElement.Parse(others.ToJsonString(Json.EngineJson.Options));
    }
}
