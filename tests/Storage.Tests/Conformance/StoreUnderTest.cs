using Cluster.Engine.Approvals;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;

namespace Cluster.Storage.Tests.Conformance;

/// <summary>A store that holds nothing yet and that no other test sees.</summary>
/// <param name="log">Its logs.</param>
/// <param name="records">Its run records.</param>
/// <param name="sessions">Its sessions.</param>
/// <param name="copies">Where copied sessions go.</param>
/// <param name="approvals">Its approvals.</param>
/// <param name="disposeAsync">Closes and removes it; null when there is nothing to do.</param>
public sealed class StoreUnderTest(
    IRunLog log, IRunRecords records, ISessionStore sessions, ISessionCopies copies, IApprovalStore approvals, Func<ValueTask>? disposeAsync = null) : IAsyncDisposable
{
    public IRunLog Log => log;

    public IRunRecords Records => records;

    public ISessionStore Sessions => sessions;

    public ISessionCopies Copies => copies;

    public IApprovalStore Approvals => approvals;

    public async ValueTask DisposeAsync()
    {
        if (disposeAsync is not null)
        {
            await disposeAsync();
        }
    }
}
