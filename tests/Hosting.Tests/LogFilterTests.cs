using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cluster.Hosting.Tests;

public sealed class LogFilterTests
{
    [Fact]
    public async Task Errors_of_a_category_are_logged_until_the_process_stops_and_then_only_what_ends_it()
    {
        using var lines = new Lines();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(lines).LeaveErrorsWhileStopping("Messages");
        using var host = builder.Build();
        var (messages, other) = (host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Messages.Inner"), host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Other"));
        await host.StartAsync(TestContext.Current.CancellationToken);

        Log(messages, "working");
        await host.StopAsync(TestContext.Current.CancellationToken);
        Log(messages, "stopping");
        other.LogError("other");
        host.Dispose();
        Log(messages, "gone");

        Assert.Equal(
            [
                "Warning working", "Error working", "Critical working",
                "Warning stopping", "Critical stopping", "Error other",
                "Warning gone", "Critical gone",
            ],
            lines.Written);
    }

    private static void Log(ILogger logger, string text)
    {
        foreach (var level in new[] { LogLevel.Information, LogLevel.Warning, LogLevel.Error, LogLevel.Critical })
        {
            logger.Log(level, default, text, null, static (said, _) => said);
        }
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Written { get; } = new();

        public ILogger CreateLogger(string categoryName) => categoryName is "Messages.Inner" or "Other" ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Enqueue($"{logLevel} {formatter(state, exception)}");

        public void Dispose()
        {
        }
    }
}
