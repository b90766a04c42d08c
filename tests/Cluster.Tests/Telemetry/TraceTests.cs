using System.Text;
using Cluster.Hosting.Tests;
using Cluster.Tests.Processes;
using Cluster.Tests.Traffic;

namespace Cluster.Tests.Telemetry;

/// <summary>What a collector gets to see of a run that crosses processes.</summary>
public sealed class TraceTests(ITestOutputHelper output)
{
    private const string Definitions =
        """
        agents:
          - id: scout
            name: Scout
            tools: [calculator]
            model:
              scripted:
                calls:
                  - tool: add
                    arguments: {a: 4711.25, b: 1174.5}
                text: "Spoken words: {result}"
        """;

    [Fact]
    public async Task One_trace_goes_from_the_gateway_through_the_silo_to_model_and_tool_and_tells_nothing_of_what_was_said()
    {
        await using var collector = await Collector.StartAsync();
        await using var cluster = await ProductCluster.CreateAsync(Definitions, new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        });
        var silo = await cluster.StartSiloAsync();
        var gateway = await cluster.StartGatewayAsync();

        using (var stream = await gateway.Client.PostAsync("/agents/scout/runs", new Dictionary<string, string>(), ("message", "Asked words"), ("session_id", "s")))
        {
            Assert.Equal("RunCompleted", (await stream.ReadEventsAsync(TestContext.Current.CancellationToken).LastAsync(TestContext.Current.CancellationToken)).Name());
        }

        // What is left is sent before a process ends.
        Assert.Equal(0, await gateway.Process.TerminateAsync());
        Assert.Equal(0, await silo.TerminateAsync());
        var spans = Span.ReadAll(Encoding.Latin1.GetBytes(collector.Traces)).ToArray();
        var request = Assert.Single(spans, span => span.Name == "POST /agents/{agent_id}/runs");
        var trace = spans.Where(span => span.TraceId == request.TraceId).ToDictionary(span => span.SpanId);
        output.WriteLine(string.Join('\n', trace.Values));
        var run = Assert.Single(spans, span => span.Name == "invoke_agent Scout");
        Assert.Equal(("cluster-gateway", string.Empty), (request.Service, request.ParentId));
        Assert.Equal("cluster-silo", run.Service);
        Assert.Contains(request, Ancestors(trace, run));
        Assert.Equal(2, spans.Count(span => span.Name.StartsWith("chat ", StringComparison.Ordinal) && span.ParentId == run.SpanId && span.TraceId == request.TraceId));
        Assert.Single(spans, span => span.Name == "execute_tool add" && span.ParentId == run.SpanId && span.TraceId == request.TraceId);

        // No id has a point in it.
        foreach (var said in (string[])["Asked words", "Spoken words", "4711.25", "5885.75"])
        {
            Assert.DoesNotContain(said, collector.Traces, StringComparison.Ordinal);
            Assert.DoesNotContain(said, collector.Metrics, StringComparison.Ordinal);
        }
    }

    /// <summary>Follows the parents of a span. Each of them has to be in the trace, or whoever looks at it sees pieces.</summary>
    private static IEnumerable<Span> Ancestors(Dictionary<string, Span> trace, Span span)
    {
        while (span.ParentId.Length > 0)
        {
            Assert.True(trace.ContainsKey(span.ParentId), $"The parent of {span} is missing.");
            span = trace[span.ParentId];
            yield return span;
        }
    }
}
