using System.Diagnostics;
using System.Net;

namespace Cluster.Contract.Tests.Clients;

/// <summary>The host as people start it: a process of its own.</summary>
public sealed class HostProcessTests
{
    private const string Announcement = "Now listening on: ";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_host_serves_its_agents_as_a_process_of_its_own()
    {
        using var host = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Cluster.Contract.Host.dll"), "--urls", "http://127.0.0.1:0" },
            RedirectStandardOutput = true,
            WorkingDirectory = AppContext.BaseDirectory,
        })!;
        try
        {
            using var client = new HttpClient { BaseAddress = await ReadAddressAsync(host) };

            using var response = await client.PostAsync(
                "/agents/echo-agent/runs", new FormUrlEncodedContent([KeyValuePair.Create("message", "Hi"), KeyValuePair.Create("stream", "false")]), Stop);

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Contains("Hello from the model", await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }
        finally
        {
            host.Kill(entireProcessTree: true);
            await host.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static async Task<Uri> ReadAddressAsync(Process host)
    {
        while (await host.StandardOutput.ReadLineAsync(Stop) is { } line)
        {
            if (line.Contains(Announcement, StringComparison.Ordinal))
            {
                return new Uri(line[(line.IndexOf(Announcement, StringComparison.Ordinal) + Announcement.Length)..]);
            }
        }

        throw new InvalidOperationException("The host ended before it listened.");
    }
}
