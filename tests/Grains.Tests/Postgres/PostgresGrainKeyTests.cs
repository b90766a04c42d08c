using Cluster.Engine.Scopes;
using Cluster.Grains.Interfaces.Keys;

namespace Cluster.Grains.Tests.Postgres;

/// <summary>A row that two grains share shows one caller what another wrote: ids come from outside and must not reach into each other.</summary>
public sealed class PostgresGrainKeyTests(TwoSilos silos) : IClassFixture<TwoSilos>
{
    private static readonly string Long = string.Concat(Enumerable.Range(0, 999).Select(i => (char)('!' + (i * i % 93))));

    private static readonly string[] Ids =
    [
        "1", "01", "+1", "-1", "1.0", "2147483648", "9223372036854775807", "0", "00000000000000000000000000000000",
        "6f9619ff-8b86-d011-b42d-00c04fc964ff", "6F9619FF-8B86-D011-B42D-00C04FC964FF", "6f9619ff8b86d011b42d00c04fc964ff", "{6f9619ff-8b86-d011-b42d-00c04fc964ff}",
        "ab", "00ab", "AB", "0xab", "0x1f", "1f", "ab+", "ab+c", "1+c", "6f9619ff8b86d011b42d00c04fc964ff+c",
        "a", "a/", "/a", "a/b", "a//b", "s/a", "../s/a", "t/default/s/a", "a%2Fb", "a%2fb", "a+b", "a b", "a%20b", "a#b", "a?b",
        "'", "''", "\"", "\\", "\\\\", "\\x41", "A", "{", "}", "{0}", "{{0}}", "{x", "%7B", "%257B", "%7B0%7D", "$1", "@GrainIdHash", "NULL", "null", "%", "_",
        "\u0001", "\u0002", "\t", "\n", "\r\n", "\u007f", "\u0085", "\u200b", "\ufeff", "a\u200b", "\uffff",
        "\u00e9", "e\u0301", "\u00c9", "\ufb01", "fi", "\u00c5", "A\u030a", "\u212b", "\u0131", "I", "i", "\u0130", "ß", "ss", "SS", "🦊", "🦊\ufe0f", "👩\u200d👩\u200d👧", "👩👩👧",
        "x", "X", "x ", "x  ", " x", "x\t", "x\u00a0", "x\u3000", " ", "  ",
        Long + "a", Long + "b", Long + "A", Long + " ", Long, new string('木', 800), new string('木', 799) + "本", new string('x', 1_000), new string('x', 999),
    ];

    private static readonly string[] OfTenants = ["x", "x/s/x", "1", Long + "a"];

    private static readonly string[] TenantNames = ["default", "default-s", "default_s", "d", "1", "t", "s", "0ab", "00ab", new('t', TenantId.MaxLength)];

    private static IEnumerable<string> Keys =>
    [
        .. Ids.Select(id => new SessionKey(TenantId.Default, id).ToString()),
        .. Ids.Select(id => new RunKey(TenantId.Default, id).ToString()),
        .. TenantNames.Skip(1).SelectMany(tenant => OfTenants.Select(id => new SessionKey(TenantId.Parse(tenant), id).ToString())),
    ];

    [Fact]
    public async Task Every_key_has_a_row_of_its_own_and_no_two_grain_classes_share_one()
    {
        var keys = Keys.ToArray();
        Assert.Equal(keys.Length, keys.Distinct(StringComparer.Ordinal).Count());

        await Parallel.ForEachAsync(keys.Index(), Stop, async (item, _) =>
        {
            await silos.First.Grains.GetGrain<INotebookGrain>(item.Item).WriteAsync($"notebook {item.Index}");
            await silos.Second.Grains.GetGrain<IDiaryGrain>(item.Item).WriteAsync($"diary {item.Index}");
        });

        await Parallel.ForEachAsync(keys.Index(), Stop, async (item, _) =>
        {
            Assert.Equal($"notebook {item.Index}", await ReadAsync(silos.Second, "notebook", item.Item));
            Assert.Equal($"diary {item.Index}", await ReadAsync(silos.First, "diary", item.Item));
        });
        foreach (var state in new[] { "notebook", "diary" })
        {
            var stored = await silos.Schema.ReadAsync<string>($"SELECT replace(replace(replace(key_text, '%7B', '{{'), '%7D', '}}'), '%25', '%') FROM orleans_storage WHERE state_name = '{state}' AND key_high = 0 AND key_low = 0");
            Assert.Equal(keys.Order(StringComparer.Ordinal), stored.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task Without_the_prefix_ids_that_look_like_numbers_would_share_a_row()
    {
        await silos.First.Storage.WriteStateAsync("bare", GrainId.Create("test-bare", "00ab"), new GrainState<Note>(new Note("of 00ab", [])));

        Assert.Equal("of 00ab", await ReadAsync(silos.Second, "bare", "ab"));
    }

    [Fact]
    public async Task Reminders_of_long_ids_are_kept_apart()
    {
        var table = silos.First.Get<IReminderTable>();
        var ids = new[] { Long + "a", Long + "b", Long + "A" }.Select(id => GrainId.Create("test-long", new SessionKey(TenantId.Default, id).ToString())).ToArray();

        var etags = new List<string>();
        foreach (var id in ids)
        {
            etags.Add((await table.UpsertRow(new ReminderEntry { GrainId = id, ReminderName = "r", StartAt = DateTime.UnixEpoch, Period = TimeSpan.FromDays(40) }, Stop))!);
        }

        Assert.False(await table.RemoveRow(ids[0], "r", etags[1], Stop));
        Assert.True(await table.RemoveRow(ids[0], "r", etags[0], Stop));
        Assert.Null(await table.ReadRow(ids[0], "r", Stop));
        Assert.Empty((await table.ReadRows(ids[0], Stop)).Reminders);
        var kept = await table.ReadRow(ids[1], "r", Stop);
        Assert.Equal((ids[1], DateTime.UnixEpoch, TimeSpan.FromDays(40)), (kept!.GrainId, kept.StartAt, kept.Period));
    }

    [Fact]
    public async Task Reminders_are_found_by_ranges_of_hashes_that_may_go_over_the_end_of_the_ring()
    {
        var table = silos.First.Get<IReminderTable>();
        var id = GrainId.Create("test-ring", "t/default/r/ring");
        var hash = id.GetUniformHashCode();
        await table.UpsertRow(new ReminderEntry { GrainId = id, ReminderName = "r", StartAt = DateTime.UnixEpoch, Period = TimeSpan.FromDays(40) }, Stop);

        Assert.True(await IsIn(hash - 1, hash));
        Assert.False(await IsIn(hash, hash + 1));
        Assert.True(await IsIn(hash + 1, hash));
        Assert.False(await IsIn(hash, hash - 1));
        Assert.True(await IsIn(0, 0));

        async Task<bool> IsIn(uint begin, uint end) => (await table.ReadRows(begin, end)).Reminders.Any(reminder => reminder.GrainId == id);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static async Task<string> ReadAsync(TestSilo silo, string stateName, string key)
    {
        var state = new GrainState<Note>();
        await silo.Storage.ReadStateAsync(stateName, GrainId.Create("any", key), state);
        return state.State!.Text;
    }
}
