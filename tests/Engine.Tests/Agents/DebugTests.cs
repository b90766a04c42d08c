using System.Collections.Concurrent;
using Cluster.Engine.Agents;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;
using Microsoft.Extensions.Logging;

namespace Cluster.Engine.Tests.Agents;

public sealed class DebugTests : IDisposable
{
    private readonly LineLoggers _loggers = new();

    public void Dispose() => _loggers.Dispose();

    [Fact]
    public async Task Steps_are_logged_without_what_was_said()
    {
        var run = await RunAsync(DebugMode.Steps);

        Assert.Contains($"spy run {run}: ToolCallCompleted look, 0.000 s", _loggers.Lines);
        Assert.Contains($"spy run {run}: ModelRequestCompleted Tester model-1, 10 tokens in, 2 out", _loggers.Lines);
        Assert.DoesNotContain(_loggers.Lines, line => line.Contains("secret", StringComparison.Ordinal));
        Assert.DoesNotContain(_loggers.Lines, line => line.EndsWith("RunContent", StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_that_is_said_is_logged_when_it_is_asked_for()
    {
        await RunAsync(DebugMode.Content);

        Assert.All(
            ["my secret", "their secret", "a secret of the model"],
            said => Assert.Contains(_loggers.Lines, line => line.Contains(said, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Nothing_is_logged_unless_it_is_asked_for()
    {
        await RunAsync(DebugMode.Off);

        Assert.Empty(_loggers.Lines);
    }

    private async Task<string> RunAsync(DebugMode mode)
    {
        var look = Tool.Create(() => "their secret", new ToolOptions { Name = "look" });
        await using var engine = new TestEngine(new Agent { Id = "spy", Debug = mode, Tools = [look] }, time: new ManualTime(), configure: services => services with { Loggers = _loggers });
        engine.Model.Answer(call => call.Use("look").Cost(10, 2).End()).Answer(call => call.Say("a secret of the model").Cost(20, 3).End());

        return (await engine.RunAsync("my secret")).RunId;
    }

    private sealed class LineLoggers : ILoggerFactory, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public IReadOnlyCollection<string> Lines => _lines;

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("There is this one only.");

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
