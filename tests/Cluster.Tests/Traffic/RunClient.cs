using System.Globalization;
using System.Net;
using System.Text.Json;
using Cluster.Tests.Processes;

namespace Cluster.Tests.Traffic;

/// <summary>
/// One user who starts a run and stays until it is over, in one of three ways. A request that fails is made again with the same key, at a gateway that
/// lives; a stream that breaks is taken up after the last event.
/// </summary>
internal sealed class RunClient(TestCluster cluster, Observations seen, string agent, int slot)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PollPause = TimeSpan.FromSeconds(1);
    private static readonly string[] Ends = ["RunCompleted", "RunPaused", "RunError", "RunCancelled"];

    private readonly string _session = $"session-{agent}-{slot}";
    private readonly string _key = Guid.NewGuid().ToString("N");

    private string Runs => $"/agents/{agent}/runs";

    /// <summary>Reads the run's events while it happens.</summary>
    public async Task StreamAsync(int steps)
    {
        var reader = new StreamedRun(seen);
        while (!reader.HasEnded)
        {
            await TryAsync("reader", async gateway =>
            {
                using var response = reader.RunId is null
                    ? await gateway.Client.PostAsync(Runs, Headers("Idempotency-Key", _key), Form(steps, stream: true, background: true))
                    : await gateway.Client.PostAsync($"{Runs}/{reader.RunId}/resume", Headers("Last-Event-ID", reader.LastIndex.ToString(CultureInfo.InvariantCulture)), ("session_id", _session));
                if (await IsRefusedAsync(response))
                {
                    return;
                }

                await foreach (var next in response.ReadEventsAsync())
                {
                    reader.Take(next);
                }

                if (!reader.HasEnded && !gateway.Process.IsDoomed)
                {
                    seen.Violate($"the stream of run {reader.RunId} ended after event {reader.LastIndex} although {gateway.Process.Name} lives");
                }
            });
        }

        reader.Finish();
    }

    /// <summary>Waits for the answer with one request.</summary>
    public async Task WaitAsync(int steps)
    {
        for (var isOver = false; !isOver;)
        {
            await TryAsync("waiting client", async gateway =>
            {
                using var response = await gateway.Client.PostAsync(Runs, Headers("Idempotency-Key", _key), Form(steps, stream: false, background: false));
                if (await IsRefusedAsync(response))
                {
                    return;
                }

                var run = JsonElement.Parse(await response.Content.ReadAsStringAsync());
                seen.Acknowledge(run.GetProperty("run_id").GetString()!, "waiting");
                isOver = true;
            });
        }
    }

    /// <summary>Starts the run and looks for it now and then.</summary>
    public async Task PollAsync(int steps)
    {
        string? runId = null;
        for (var isOver = false; !isOver;)
        {
            await TryAsync("polling client", async gateway =>
            {
                using var response = runId is null
                    ? await gateway.Client.PostAsync(Runs, Headers("Idempotency-Key", _key), Form(steps, stream: false, background: true))
                    : await gateway.Client.GetAsync($"{Runs}/{runId}?session_id={_session}");
                if (await IsRefusedAsync(response))
                {
                    return;
                }

                var run = JsonElement.Parse(await response.Content.ReadAsStringAsync());
                runId = run.GetProperty("run_id").GetString()!;
                seen.Acknowledge(runId, "background");
                isOver = run.GetProperty("status").GetString() is not ("PENDING" or "RUNNING");
            });
            await Task.Delay(isOver ? TimeSpan.Zero : PollPause, TimeProvider.System);
        }
    }

    public static bool IsEnd(string name) => Ends.Contains(name);

    /// <summary>Only the death of the gateway excuses a connection that breaks.</summary>
    private async Task TryAsync(string who, Func<TestGateway, Task> call)
    {
        var gateway = cluster.AnyGateway(slot);
        try
        {
            await call(gateway);
            return;
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            seen.Reconnect();
            if (!gateway.Process.IsDoomed)
            {
                seen.Violate($"a {who} lost its connection although {gateway.Process.Name} lives: {broken.Message}");
            }
        }

        await Task.Delay(RetryPause, TimeProvider.System);
    }

    private async Task<bool> IsRefusedAsync(HttpResponseMessage response)
    {
        if (response.IsSuccessStatusCode)
        {
            return false;
        }

        var text = await response.Content.ReadAsStringAsync();
        seen.Refuse($"{response.RequestMessage!.Method} {(int)response.StatusCode} {text.Split(",\"trace_id\"")[0]}");
        if (response.StatusCode != HttpStatusCode.ServiceUnavailable)
        {
            seen.Violate($"{response.RequestMessage.Method} {response.RequestMessage.RequestUri} was answered with {(int)response.StatusCode}: {text}");
        }

        await Task.Delay(RetryPause, TimeProvider.System);
        return true;
    }

    private static Dictionary<string, string> Headers(string name, string value) => new(StringComparer.Ordinal) { [name] = value };

    private (string Name, string Value)[] Form(int steps, bool stream, bool background) =>
    [
        ("message", steps.ToString(CultureInfo.InvariantCulture)),
        ("stream", stream ? "true" : "false"),
        ("background", background ? "true" : "false"),
        ("session_id", _session),
    ];
}
