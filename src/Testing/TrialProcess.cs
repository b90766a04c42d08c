using Cluster.Engine.Agents;
using Cluster.Engine.Caching;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Storage;

namespace Cluster.Testing;

/// <summary>Stands for a process that hosts the agent of a trial.</summary>
internal static class TrialProcess
{
    /// <summary>Starts one over a store that outlives it.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="store">What the process before it left.</param>
    /// <param name="cache">The results that the process before it kept, also in the store.</param>
    /// <param name="point">Where it is stopped; null for nowhere.</param>
    public static InProcessRunHost Start(Agent agent, MemoryStore store, IResultCache cache, CrashPoint? point)
    {
        var agents = new AgentCatalog([agent]);
        var models = new ModelCatalog([new ScriptedModelProvider()]);
        InProcessRunHost? host = null;
        IRunLoop loop = new AgentLoop(new AgentLoopServices(agents, models, store, store, TimeProvider.System) { Members = () => host!.Members, Cache = cache, Approvals = store });
        IRunLog log = store;
        if (point is not null)
        {
            loop = new StoppingLoop(loop, point);
            log = new StoppingLog(log, point);
        }

        return host = new InProcessRunHost(loop, log, store, store, new RunAdmission(TenantId.Default, agents, models, TimeProvider.System, store), TimeProvider.System);
    }
}
