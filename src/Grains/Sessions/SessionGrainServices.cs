using Cluster.Engine.Runs;
using Microsoft.Extensions.Logging;

namespace Cluster.Grains.Sessions;

/// <summary>What the sessions of a tenant work with.</summary>
/// <param name="Log">The logs of the tenant's runs.</param>
/// <param name="Admission">Turns a request into what is recorded of it, or refuses it.</param>
/// <param name="Runs">Calls runs.</param>
/// <param name="Logger">Where sessions report.</param>
internal sealed record SessionGrainServices(IRunLog Log, RunAdmission Admission, SessionRuns Runs, ILogger<SessionGrain> Logger);
