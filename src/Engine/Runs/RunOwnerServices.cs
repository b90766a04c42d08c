using Cluster.Engine.Sessions;
using Microsoft.Extensions.Logging;

namespace Cluster.Engine.Runs;

/// <summary>What every owner of runs works with.</summary>
/// <param name="Loop">Decides what happens next.</param>
/// <param name="Log">Keeps the events.</param>
/// <param name="Sessions">Keeps the sessions.</param>
/// <param name="TimeProvider">The clock.</param>
/// <param name="Logger">Where the owner reports.</param>
public sealed record RunOwnerServices(IRunLoop Loop, IRunLog Log, ISessionStore Sessions, TimeProvider TimeProvider, ILogger Logger);
