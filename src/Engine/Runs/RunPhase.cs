namespace Cluster.Engine.Runs;

/// <summary>What a loop has to do next.</summary>
public enum RunPhase
{
    /// <summary>Nothing: the run does not exist.</summary>
    None,

    /// <summary>Begin: read the session, assemble the prompt.</summary>
    Accepted,

    /// <summary>Ask the model.</summary>
    Model,

    /// <summary>Call tools, or ask a human about them.</summary>
    Tools,

    /// <summary>Finish: the answer is complete.</summary>
    Answered,

    /// <summary>Wait for a human.</summary>
    Paused,

    /// <summary>Nothing: the run is over.</summary>
    Finished,
}
