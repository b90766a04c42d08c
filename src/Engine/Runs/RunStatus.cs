using System.Text.Json.Serialization;

namespace Cluster.Engine.Runs;

/// <summary>How far a run is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunStatus>))]
public enum RunStatus
{
    /// <summary>Accepted and recorded; it waits for its turn in the session.</summary>
    [JsonStringEnumMemberName("PENDING")]
    Pending,

    /// <summary>At work.</summary>
    [JsonStringEnumMemberName("RUNNING")]
    Running,

    /// <summary>Ended with an answer.</summary>
    [JsonStringEnumMemberName("COMPLETED")]
    Completed,

    /// <summary>Waits for a human.</summary>
    [JsonStringEnumMemberName("PAUSED")]
    Paused,

    /// <summary>Stopped on request.</summary>
    [JsonStringEnumMemberName("CANCELLED")]
    Cancelled,

    /// <summary>Ended with a failure.</summary>
    [JsonStringEnumMemberName("ERROR")]
    Error,

    /// <summary>Replaced by a run that answered anew.</summary>
    [JsonStringEnumMemberName("REGENERATED")]
    Regenerated,
}
