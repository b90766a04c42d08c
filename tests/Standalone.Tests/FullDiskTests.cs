using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace Cluster.Standalone.Tests;

/// <summary>The real server on a file system of eight mebibytes, which only root can mount.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const string Definitions =
        """
        agents:
          - id: slow
            name: Slow
            model:
              scripted:
                text: one two three four five six seven eight nine ten
                deltas: 10
                delay_between: 0.3
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("standalone").FullName;
    private readonly bool _isMounted;

    public FullDiskTests() => _isMounted = OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", Data);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Data => Directory.CreateDirectory(Path.Combine(_directory, "data")).FullName;

    [Fact]
    public async Task A_full_disk_shows_in_readiness_and_a_run_of_that_time_goes_on_when_there_is_room()
    {
        Assert.SkipUnless(_isMounted, "Only root can mount a small file system.");
        await File.WriteAllTextAsync(Path.Combine(_directory, "agents.yaml"), Definitions, Stop);
        await using var server = await ServerProcess.StartAsync("--definitions", Path.Combine(_directory, "agents.yaml"), "--store", $"sqlite:{Data}");
        using var started = await PostAsync(server, "small", background: true);
        var runId = JsonElement.Parse(await started.Content.ReadAsStringAsync(Stop)).GetProperty("run_id").GetString();

        Fill();
        HttpStatusCode refused;
        do
        {
            using var next = await PostAsync(server, new string('x', 20_000), background: true);
            refused = next.StatusCode;
        }
        while (refused == HttpStatusCode.Accepted);

        using var ready = await server.Client.GetAsync("/health/ready", Stop);
        var told = await ready.Content.ReadAsStringAsync(Stop);
        File.Delete(Path.Combine(Data, "filler"));
        await UntilAsync(async () => (await GetAsync(server, "/health/ready")).StatusCode == HttpStatusCode.OK);
        await UntilAsync(async () => (await GetAsync(server, $"/agents/slow/runs/{runId}?session_id=small")).Body.Contains("\"status\":\"COMPLETED\"", StringComparison.Ordinal));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable), (refused, ready.StatusCode));
        Assert.Equal("""{"status":"not ready","not_ready":{"store":"writes fail: the disk is full"}}""", told);
    }

    public void Dispose()
    {
        if (_isMounted)
        {
            Run("umount", "-l", Data);
        }

        Directory.Delete(_directory, recursive: true);
    }

    private static async Task<HttpResponseMessage> PostAsync(ServerProcess server, string message, bool background) => await server.Client.PostAsync(
        "/agents/slow/runs",
        new FormUrlEncodedContent(
        [
            KeyValuePair.Create("message", message), KeyValuePair.Create("stream", "false"), KeyValuePair.Create("background", background ? "true" : "false"),
            KeyValuePair.Create("session_id", message.Length < 100 ? message : Guid.NewGuid().ToString()),
        ]),
        Stop);

    private static async Task<(HttpStatusCode StatusCode, string Body)> GetAsync(ServerProcess server, string path)
    {
        using var answer = await server.Client.GetAsync(path, Stop);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Stop);
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

    /// <summary>Leaves next to no room.</summary>
    private void Fill()
    {
        using var filler = File.Create(Path.Combine(Data, "filler"));
        try
        {
            for (var block = 0; block < 2_048; block++)
            {
                filler.Write(new byte[4_096]);
                filler.Flush(flushToDisk: true);
            }
        }
        catch (IOException)
        {
            // It is full.
        }
    }
}
