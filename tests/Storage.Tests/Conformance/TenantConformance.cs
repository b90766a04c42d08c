using Cluster.Engine.Errors;
using Cluster.Engine.Memory;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using CsCheck;

namespace Cluster.Storage.Tests.Conformance;

/// <summary>
/// Three tenants and five users do what they like with the same few ids, and each tenant's store has to answer as a store in memory does that nobody else uses.
/// <c>TENANT_OPERATIONS</c> says how many operations there are; the seed is fixed.
/// </summary>
public abstract class TenantConformance
{
    private const int Rounds = 10;
    private static readonly TenantId[] Tenants = [TenantId.Default, TenantId.Parse("acme"), TenantId.Parse("globex")];
    private static readonly string?[] Users = [null, "u1", "u2", "u3", "u4"];

    private static readonly Gen<Operation> Operations = Gen.Select(
        Gen.Int[0, 9], Gen.Int[0, 2], Gen.Int[0, 4], Gen.Int[0, 3], Gen.Int[0, 5], (kind, tenant, user, session, run) => new Operation(kind, Tenants[tenant], Users[user], $"s{session}", $"r{run}"));

    protected abstract Task<TenantsUnderTest> OpenAsync();

    [Fact]
    public async Task No_tenant_and_no_user_ever_sees_rows_of_another()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("TENANT_OPERATIONS"), out var asked) ? asked : 1_000;
        var random = new PCG(1, 20_261_201);
        for (var round = 0; round < Rounds; round++)
        {
            var operations = Operations.Array[count / Rounds].Generate(random, null, out _);
            await using var stores = await OpenAsync();
            var alone = Tenants.ToDictionary(tenant => tenant, tenant => (Store: new Engine.Storage.MemoryStore(tenant), Memories: new Engine.Storage.MemoryUserMemories()));
            foreach (var (index, operation) in operations.Index())
            {
                var (store, memories) = alone[operation.Tenant];
                var expected = await DoAsync(operation, index, new TenantStores(store, store, store, memories));
                Assert.Equal(expected, await DoAsync(operation, index, stores.For(operation.Tenant)));
            }

            foreach (var tenant in Tenants)
            {
                var (store, memories) = alone[tenant];
                Assert.Equal(await DescribeAsync(new TenantStores(store, store, store, memories)), await DescribeAsync(stores.For(tenant)));
            }
        }
    }

    private static async Task<string> DoAsync(Operation operation, int index, TenantStores stores)
    {
        try
        {
            return await TryAsync(operation, index, stores);
        }
        catch (EngineException refusal)
        {
            return $"{refusal.GetType().Name}: {refusal.Message}";
        }
    }

    private static async Task<string> TryAsync(Operation operation, int index, TenantStores stores)
    {
        var (kind, _, user, sessionId, runId) = operation;
        switch (kind)
        {
            case 0 or 1:
                var request = Samples.Request(runId, sessionId) with { UserId = user, IdempotencyKey = kind == 0 ? $"key-{runId[1]}" : null };
                var accepted = await stores.Log.AcceptAsync(Samples.Accept(request, index));
                return $"{accepted.RunId} {accepted.IsNew}";
            case 2:
                var output = Samples.Output(runId, RunStatus.Completed, sessionId);
                var length = (await stores.Log.ReadAsync(runId))?.Events.Length ?? 1;
                await stores.Log.AppendAsync(Samples.Append(runId, length, Samples.Event($"e{index}")) with { Output = output, Session = new SessionPatch { UpdatedAt = index } });
                return "appended";
            case 3:
                var log = await stores.Log.ReadAsync(runId);
                return log is null ? "no log" : $"{log.Generation} {log.Events.Length} {((RunAccepted)log.Events[0]).Request.SessionId}";
            case 4:
                var runs = await stores.Records.ListAsync(new RunQuery(sessionId));
                return string.Join(',', runs.Select(run => $"{run.Output.RunId} {run.Output.Status}"));
            case 5:
                var page = await stores.Sessions.ListAsync(new SessionQuery { UserId = user, Limit = 3 });
                return $"{page.TotalCount}: {string.Join(',', page.Sessions.Select(session => $"{session.SessionId} {session.UserId} {session.UpdatedAt}"))}";
            case 6:
                await stores.Sessions.DeleteAsync([sessionId], user);
                return "deleted";
            case 7:
                return $"{await stores.Sessions.CreateAsync(Samples.Session(sessionId, index) with { UserId = user, ComponentId = "writer" })}";
            case 8:
                var memory = new UserMemory { MemoryId = runId, Memory = $"m{index}", UserId = user ?? UserMemory.DefaultUserId, CreatedAt = index, UpdatedAt = index };
                return (await stores.Memories.AddAsync(memory))?.Memory ?? "somebody else's";
            default:
                var scope = user is null ? MemoryScope.Everyone : MemoryScope.Of(user);
                var kept = await stores.Memories.ListAsync(new UserMemoryQuery(scope));
                return string.Join(',', kept.Memories.Select(one => $"{one.MemoryId} {one.UserId} {one.Memory}"));
        }
    }

    private static async Task<string> DescribeAsync(TenantStores stores)
    {
        var sessions = await stores.Sessions.ListAsync(new SessionQuery { Limit = 100 });
        var unfinished = await stores.Log.ListUnfinishedAsync();
        var memories = await stores.Memories.ListUsersAsync(new MemoryUserQuery(MemoryScope.Everyone));
        return $"{string.Join(',', sessions.Sessions.Select(session => session.SessionId))}; {string.Join(',', unfinished.Select(run => $"{run.Tenant} {run.RunId} {run.SessionId}"))}; "
            + string.Join(',', memories.Users.Select(user => $"{user.UserId} {user.TotalMemories}"));
    }

    private sealed record Operation(int Kind, TenantId Tenant, string? User, string SessionId, string RunId);
}

/// <summary>What a tenant has.</summary>
/// <param name="Log">Its logs.</param>
/// <param name="Records">Its run records.</param>
/// <param name="Sessions">Its sessions.</param>
/// <param name="Memories">What it remembers about users.</param>
public sealed record TenantStores(IRunLog Log, IRunRecords Records, ISessionStore Sessions, IUserMemoryStore Memories);

/// <summary>Stores that hold nothing yet and that no other test sees.</summary>
/// <param name="of">Gives those of a tenant.</param>
/// <param name="disposeAsync">Closes and removes them.</param>
public sealed class TenantsUnderTest(Func<TenantId, TenantStores> of, Func<ValueTask> disposeAsync) : IAsyncDisposable
{
    public TenantStores For(TenantId tenant) => of(tenant);

    public ValueTask DisposeAsync() => disposeAsync();
}
