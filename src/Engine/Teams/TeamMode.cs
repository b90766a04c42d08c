using System.Text.Json.Serialization;

namespace Cluster.Engine.Teams;

/// <summary>How a team works on a task.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TeamMode>))]
public enum TeamMode
{
    /// <summary>The leader picks members, writes their tasks and makes one answer of theirs. This is the default.</summary>
    [JsonStringEnumMemberName("coordinate")]
    Coordinate,

    /// <summary>The leader picks one member, whose answer is the team's.</summary>
    [JsonStringEnumMemberName("route")]
    Route,

    /// <summary>Every member works on the task at the same time; the leader makes one answer of theirs.</summary>
    [JsonStringEnumMemberName("broadcast")]
    Broadcast,

    /// <summary>The leader keeps a list of tasks with dependencies and assignees, and works through it until the goal is complete.</summary>
    [JsonStringEnumMemberName("tasks")]
    Tasks,
}
