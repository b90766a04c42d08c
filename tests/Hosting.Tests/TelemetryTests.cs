using Cluster.Engine.Errors;
using Cluster.Hosting.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cluster.Hosting.Tests;

/// <summary>One at a time: what these hosts listen to is the same for all of the process.</summary>
[Collection(nameof(TelemetryTests))]
public sealed class TelemetryTests
{
    [Fact]
    public async Task Spans_and_metrics_of_a_run_arrive_at_the_collector_before_the_host_has_stopped()
    {
        await using var collector = await Collector.StartAsync();

        await RunAsync(("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"));

        Assert.Contains("invoke_agent Scout", collector.Traces, StringComparison.Ordinal);
        Assert.Contains("chat scripted-7", collector.Traces, StringComparison.Ordinal);
        Assert.Contains("POST /run", collector.Traces, StringComparison.Ordinal);
        Assert.Contains("cluster.run.finished", collector.Metrics, StringComparison.Ordinal);
        Assert.Contains("gen_ai.client.operation.duration", collector.Metrics, StringComparison.Ordinal);
        Assert.Contains("http.server.request.duration", collector.Metrics, StringComparison.Ordinal);
        Assert.Contains("dotnet.", collector.Metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_section_says_where_to_send_and_how_and_wins_over_the_variables()
    {
        await using var collector = await Collector.StartAsync();

        await RunAsync(
            ("Telemetry:Endpoint", collector.Url), ("Telemetry:Protocol", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"));

        Assert.Contains("invoke_agent Scout", collector.Traces, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_resource_names_the_service_and_what_the_environment_adds()
    {
        await using var collector = await Collector.StartAsync();

        await RunAsync([.. To(collector), ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=lab")]);

        foreach (var payload in new[] { collector.Traces, collector.Metrics })
        {
            Assert.Contains("test-service", payload, StringComparison.Ordinal);
            Assert.Contains("service.version", payload, StringComparison.Ordinal);
            Assert.Contains("service.instance.id", payload, StringComparison.Ordinal);
            Assert.Contains("deployment.environment.name", payload, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Requests_for_health_are_not_traced()
    {
        await using var collector = await Collector.StartAsync();

        await RunAsync(To(collector));

        Assert.Contains("/run", collector.Traces, StringComparison.Ordinal);
        Assert.DoesNotContain("/health", collector.Traces, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_said_is_sent_only_when_it_is_switched_on()
    {
        await using var closed = await Collector.StartAsync();
        await RunAsync(To(closed));
        await using var open = await Collector.StartAsync();
        await RunAsync([.. To(open), ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true")]);
        await using var overruled = await Collector.StartAsync();
        await RunAsync([.. To(overruled), ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true"), ("Telemetry:CaptureContent", "false")]);

        Assert.Contains("chat scripted-7", closed.Traces, StringComparison.Ordinal);
        Assert.DoesNotContain("spoken words", closed.Traces, StringComparison.Ordinal);
        Assert.DoesNotContain("asked words", closed.Traces, StringComparison.Ordinal);
        Assert.Contains("spoken words", open.Traces, StringComparison.Ordinal);
        Assert.Contains("asked words", open.Traces, StringComparison.Ordinal);
        Assert.DoesNotContain("words", overruled.Traces, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sampler_that_takes_nothing_sends_no_spans()
    {
        await using var collector = await Collector.StartAsync();

        await RunAsync([.. To(collector), ("OTEL_TRACES_SAMPLER", "always_off")]);

        Assert.Empty(collector.Traces);
        Assert.Contains("cluster.run.finished", collector.Metrics, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_endpoint_nothing_is_added()
    {
        using var app = TestHost.Build() as IDisposable;

        Assert.DoesNotContain(((IHost)app!).Services.GetServices<IHostedService>(), service => service is TelemetryExport);
    }

    [Theory]
    [InlineData("Telemetry:Endpoint", "localhost:4317")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "nonsense")]
    public void An_endpoint_that_is_no_address_is_refused(string key, string value)
    {
        var refusal = Assert.Throws<InvalidRequestException>(() => TestHost.Build(null, (key, value)));

        Assert.Contains($"'{value}'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_protocol_that_nobody_knows_is_refused()
    {
        var refusal = Assert.Throws<InvalidRequestException>(() => TestHost.Build(null, ("Telemetry:Endpoint", "http://localhost:4318"), ("Telemetry:Protocol", "smoke")));

        Assert.Contains("'smoke'", refusal.Message, StringComparison.Ordinal);
    }

    private static (string Key, string Value)[] To(Collector collector) => [("Telemetry:Endpoint", collector.Url), ("Telemetry:Protocol", "http/protobuf")];

    /// <summary>Runs an agent over HTTP in a host of its own, asks for health, and stops the host.</summary>
    private static async Task RunAsync(params (string Key, string Value)[] settings)
    {
        await using var app = TestHost.Build(null, settings);
        await app.StartAsync(Patience.Token);
        using var client = app.NewClient();
        using var answer = await client.PostAsync(new Uri("/run", UriKind.Relative), null, Patience.Token);
        Assert.Equal("Completed", await answer.Content.ReadAsStringAsync(Patience.Token));
        Assert.Equal("""{"status":"live"}""", await client.GetStringAsync(new Uri("/health/live", UriKind.Relative), Patience.Token));
        Assert.Equal("""{"status":"ready"}""", await client.GetStringAsync(new Uri("/health/ready", UriKind.Relative), Patience.Token));
        await app.StopAsync(Patience.Token);
    }
}
