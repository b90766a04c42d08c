using System.Collections.Concurrent;
using Cluster.Engine.Approvals;
using Cluster.Engine.Caching;
using Cluster.Engine.Contents;
using Cluster.Engine.Limits;
using Cluster.Engine.Models;
using Cluster.Engine.Outputs;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Teams;
using Cluster.Engine.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cluster.Engine.Agents;

/// <summary>What the loop of agents works with.</summary>
/// <param name="Agents">The agents that can run.</param>
/// <param name="Models">The models that they name.</param>
/// <param name="Sessions">Where the session state is read.</param>
/// <param name="Records">Where earlier runs are read.</param>
/// <param name="TimeProvider">The clock.</param>
public sealed record AgentLoopServices(
    IAgentCatalog Agents, ModelCatalog Models, ISessionStore Sessions, IRunRecords Records, TimeProvider TimeProvider)
{
    private readonly ConcurrentDictionary<Type, ILogger> _loggers = [];

    /// <summary>Gets what runs the members of teams. It is asked for when the first team works: whoever runs members needs the loop first.</summary>
    public Func<IMemberRuns> Members { get; init; } = static () => throw new InvalidOperationException("Nothing runs the members of teams here.");

    /// <summary>Gets what traces may tell.</summary>
    public TelemetryOptions Telemetry { get; init; } = new();

    /// <summary>Gets how large what callers and tools make may be.</summary>
    public FieldLimits Limits { get; init; } = new();

    /// <summary>Gets where answers of models and results of tools are kept for a while. The default keeps them in this process.</summary>
    public IResultCache Cache { get; init; } = new MemoryResultCache(TimeProvider);

    /// <summary>Gets what moves the content of media into the media store and out of it. By default content stays in the records.</summary>
    public MediaContents Media { get; init; } = MediaContents.Inline;

    /// <summary>Gets the approvals that runs wait for; null where there are none.</summary>
    public IApprovalStore? Approvals { get; init; }

    /// <summary>Gets where answers are written to files; null for nowhere.</summary>
    public IAnswerFiles? AnswerFiles { get; init; }

    /// <summary>Gets where hooks that fail are noted; nowhere by default.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Gets what tells people once of tools that came with the same name.</summary>
    internal ToolMeetings Meetings { get; } = new();

    /// <summary>Gives the logger of a part of the loop. The factory would work out its name each time.</summary>
    internal ILogger LoggerOf<T>() => _loggers.GetOrAdd(typeof(T), static (_, factory) => factory.CreateLogger<T>(), Loggers);
}
