using System.Diagnostics;
using Cluster.Engine.Errors;
using Cluster.Engine.Sessions;
using Cluster.Storage.Sqlite;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Sqlite;

/// <summary>A real file system of six mebibytes, which only root can mount. <see cref="ProcessTests"/> has a failing disk for everybody.</summary>
public sealed class DiskFullTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly bool _isMounted;

    public DiskFullTests() => _isMounted = OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", _directory.Path);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_disk_refuses_writes_until_there_is_space_and_loses_nothing()
    {
        Assert.SkipUnless(_isMounted, "Only root can mount a small file system.");
        var filler = Path.Combine(_directory.Path, "filler");
        await File.WriteAllBytesAsync(filler, new byte[3 * 1024 * 1024], Stop);
        var written = 0;
        string contents;
        using (var store = OpenStore.Open(new SqliteStorageOptions { Directory = _directory.Path }))
        {
            for (var round = 0; round < 2; round++)
            {
                written = await FillAsync(store, written);
                await Assert.ThrowsAsync<UnavailableException>(() => store.Runs.CreateAsync(Large("refused"), Stop));
                Assert.Equal(written, (await store.Runs.ListAsync(new SessionQuery(), Stop)).TotalCount);
                File.Delete(filler);
            }

            contents = await Contents.ReadAsync(store.Runs);
        }

        Assert.True(written > 100);
        Assert.Equal(contents, await _directory.ReadAsync());
    }

    [Fact]
    public async Task Everyone_in_a_batch_that_did_not_fit_is_refused_and_can_try_again()
    {
        Assert.SkipUnless(_isMounted, "Only root can mount a small file system.");
        var filler = Path.Combine(_directory.Path, "filler");
        using var store = OpenStore.Open(new SqliteStorageOptions { Directory = _directory.Path });
        await File.WriteAllBytesAsync(filler, new byte[5_400 * 1024], Stop);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(index => TryCreateAsync(store, $"s{index}")));
        var kept = await store.Runs.ListAsync(new SessionQuery { Limit = 1_000 }, Stop);
        File.Delete(filler);
        var again = await Task.WhenAll(Enumerable.Range(0, 200).Select(index => TryCreateAsync(store, $"s{index}")));

        Assert.Contains(null, outcomes);
        Assert.Equal(outcomes.Count(outcome => outcome == true), kept.TotalCount);
        Assert.Equal(outcomes.Select(outcome => outcome != true), again.Select(outcome => outcome == true));
    }

    [Fact]
    public async Task A_full_disk_shows_in_health_until_a_small_write_fits_again()
    {
        Assert.SkipUnless(_isMounted, "Only root can mount a small file system.");
        var filler = Path.Combine(_directory.Path, "filler");
        await File.WriteAllBytesAsync(filler, new byte[3 * 1024 * 1024], Stop);
        using var store = OpenStore.Open(new SqliteStorageOptions { Directory = _directory.Path });
        var health = new SqliteHealth(store.Database);
        var before = await health.FindFailureAsync(Stop);

        await FillAsync(store, 0);
        var full = health.LastFailure;
        File.Delete(filler);
        while (await health.FindFailureAsync(Stop) is not null)
        {
            // One is tried each second.
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Stop);
        }

        Assert.Null(before);
        Assert.Equal("writes fail: the disk is full", full);
        Assert.Null(health.LastFailure);
    }

    public void Dispose()
    {
        if (_isMounted)
        {
            Run("umount", _directory.Path);
        }

        _directory.Dispose();
    }

    private static SessionRecord Large(string sessionId) => Samples.Session(sessionId) with { SessionName = new string('x', 3_000) };

    private static async Task<int> FillAsync(OpenStore store, int written)
    {
        while (await TryCreateAsync(store, $"s{written}") is not null)
        {
            written++;
        }

        return written;
    }

    private static async Task<bool?> TryCreateAsync(OpenStore store, string sessionId)
    {
        try
        {
            return await store.Runs.CreateAsync(Large(sessionId), Stop);
        }
        catch (UnavailableException)
        {
            return null;
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
