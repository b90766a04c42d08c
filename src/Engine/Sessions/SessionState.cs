using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cluster.Engine.Sessions;

/// <summary>The session state while tools work on it. Tools of one turn run at the same time and share it, so every member is safe to use from any thread.</summary>
/// <param name="value">The state as it is, an object.</param>
public sealed class SessionState(JsonElement value)
{
    private readonly Lock _lock = new();
    private JsonElement _value = value;
    private JsonElement _taken = value;

    /// <summary>Gets the state with all changes, an object.</summary>
    public JsonElement Value
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
            _value = Merge(_value, changes, deep: false);
        }
    }

    /// <summary>Sets one member of the state.</summary>
    /// <param name="key">The member.</param>
    /// <param name="member">Its value.</param>
    public void Set(string key, JsonElement member) => Update(JsonElement.Parse(new JsonObject { [key] = JsonNode.Parse(member.GetRawText()) }.ToJsonString()));

    /// <summary>Takes one member out of the state.</summary>
    /// <param name="key">The member.</param>
    /// <returns>False when there is no such member.</returns>
    public bool Remove(string key)
    {
        lock (_lock)
        {
            if (JsonObject.Create(_value) is not { } members || !members.Remove(key))
            {
                return false;
            }

            _value = JsonElement.Parse(members.ToJsonString(Json.EngineJson.Options));
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
            return winner;
        }

        var merged = JsonObject.Create(below)!;
        Overlay(merged, JsonObject.Create(winner)!, deep);
        return JsonElement.Parse(merged.ToJsonString(Json.EngineJson.Options));
    }

    /// <summary>Takes the state if it has changed since it was last taken.</summary>
    /// <returns>The state; null without a change.</returns>
    internal JsonElement? TakeChange()
    {
        lock (_lock)
        {
            if (_value.Equals(_taken))
            {
                return null;
            }

            _taken = _value;
            return _value;
        }
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
