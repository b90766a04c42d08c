using System.Diagnostics.CodeAnalysis;
using System.Text;
using Cluster.Engine.Errors;
using Cluster.Engine.Limits;

namespace Cluster.Storage.Tests.Conformance;

/// <summary>Every store takes and refuses the same ids, and gives back what it takes. The fields are random, from seeds that stand here.</summary>
[SuppressMessage("Security", "CA5394:Do not use insecure randomness", Justification = "The same seed has to give the same fields.")]
public abstract class FieldConformance
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    protected abstract Task<StoreUnderTest> OpenAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_ids_are_taken_by_all_stores_or_by_none(int seed)
    {
        await using var store = await OpenAsync();
        var random = new Random(seed);
        for (var round = 0; round < 60; round++)
        {
            var (sessionId, userId, componentId) = (NewId(random, FieldLimits.SessionIdBytes), NewId(random, FieldLimits.IdBytes), NewId(random, FieldLimits.IdBytes));
            var session = Samples.Session(sessionId) with { UserId = userId, ComponentId = componentId, SessionName = NewText(random, random.Next(200)) };
            var fits = Fits(sessionId, FieldLimits.SessionIdBytes) && Fits(userId, FieldLimits.IdBytes) && Fits(componentId, FieldLimits.IdBytes);

            var outcome = await TryAsync(() => store.Sessions.CreateAsync(session, Stop));

            Assert.True(fits == (outcome is null), $"Round {round} of seed {seed}: {outcome?.Message ?? "taken"}");
            if (fits)
            {
                var kept = await store.Sessions.FindAsync(sessionId, Stop);
                Assert.Equal((userId, componentId), (kept?.UserId, kept?.ComponentId));
            }
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Random_runs_are_taken_by_all_stores_or_by_none(int seed)
    {
        await using var store = await OpenAsync();
        var random = new Random(seed);
        for (var round = 0; round < 40; round++)
        {
            var (runId, userId, key) = (NewId(random, FieldLimits.IdBytes), NewId(random, FieldLimits.IdBytes), NewId(random, FieldLimits.IdBytes));
            var request = Samples.Request(runId, $"s{round}") with { UserId = userId, IdempotencyKey = key };
            var fits = Fits(runId, FieldLimits.IdBytes) && Fits(userId, FieldLimits.IdBytes) && Fits(key, FieldLimits.IdBytes);

            var outcome = await TryAsync(() => store.Log.AcceptAsync(Samples.Accept(request), Stop));

            Assert.True(fits == (outcome is null), $"Round {round} of seed {seed}: {outcome?.Message ?? "taken"}");
            if (fits)
            {
                Assert.Equal(userId, (await store.Records.FindAsync(runId, Stop))?.Output.UserId);
            }
        }
    }

    [Fact]
    public async Task What_no_store_can_hold_no_store_looks_for()
    {
        await using var store = await OpenAsync();

        foreach (var id in new[] { "a\0b", "a\ud800", "\udc00a" })
        {
            await Assert.ThrowsAsync<InvalidRequestException>(() => store.Sessions.FindAsync(id, Stop));
            await Assert.ThrowsAsync<InvalidRequestException>(() => store.Records.FindAsync(id, Stop));
            await Assert.ThrowsAsync<InvalidRequestException>(() => store.Log.ReadAsync(id, Stop));
        }
    }

    private static async Task<EngineException?> TryAsync(Func<Task> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (InvalidRequestException refusal)
        {
            return refusal;
        }
    }

    /// <summary>Mostly ids that fit, and those that just do or just do not.</summary>
    private static string NewId(Random random, int limit) => random.Next(8) switch
    {
        0 => NewText(random, limit),
        1 => NewText(random, limit + 1),
        2 => NewText(random, limit * 2),
        3 => NewText(random, random.Next(1, 20)) + "\0",
        4 => NewText(random, random.Next(1, 20)) + "\ud83d",
        _ => NewText(random, random.Next(1, limit)),
    };

    /// <summary>A text of exactly so many bytes, in letters of one to four.</summary>
    private static string NewText(Random random, int bytes)
    {
        var text = new StringBuilder(Guid.NewGuid().ToString("N")[..Math.Min(bytes, 12)]);
        var left = bytes - text.Length;
        while (left > 0)
        {
            var letter = random.Next(4) switch { 0 when left >= 4 => "🦊", 1 when left >= 3 => "€", 2 when left >= 2 => "ö", _ => ((char)('a' + random.Next(26))).ToString() };
            text.Append(letter);
            left -= Encoding.UTF8.GetByteCount(letter);
        }

        return text.ToString();
    }

    private static bool Fits(string id, int limit) =>
        !id.Contains('\0', StringComparison.Ordinal) && !char.IsHighSurrogate(id[^1]) && Encoding.UTF8.GetByteCount(id) <= limit;
}
