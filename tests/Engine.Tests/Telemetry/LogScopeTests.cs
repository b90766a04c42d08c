using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;
using Microsoft.Extensions.Logging;

namespace Cluster.Engine.Tests.Telemetry;

public sealed class LogScopeTests
{
    [Fact]
    public async Task What_a_tool_logs_carries_the_ids_of_run_session_and_agent()
    {
        var logger = new ScopedLogger();
        var tool = Tool.Create(() => logger.Write("looked"), new ToolOptions { Name = "look" });
        await using var engine = new TestEngine(new Agent { Id = "scout", Tools = [tool] });
        engine.Model.AnswerWithCall("look").Answer("done");
        var request = engine.NewRequest();
        var owner = new RunOwner(engine.Services with { Logger = logger }, RunState.Empty.Apply(new RunAccepted(request)));
        await CrashScene.StoreAsync([new RunAccepted(request)], engine.Store);

        await owner.TurnAsync(CancellationToken.None).Within();
        logger.Write("outside");

        Assert.Equal(
            [$"looked: RunId={request.RunId} SessionId={request.SessionId} AgentId=scout", "outside:"],
            logger.Lines);
    }

    /// <summary>Logs as real providers do: the scopes of a line are those that are open where it is written.</summary>
    private sealed class ScopedLogger : ILogger
    {
        private readonly LoggerExternalScopeProvider _scopes = new();
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines => _lines;

        public void Write(string text)
        {
            var line = text + ":";
            _scopes.ForEachScope(
                (scope, _) => line += string.Concat(((IEnumerable<KeyValuePair<string, object?>>)scope!)
                    .Where(member => member.Key != "{OriginalFormat}").Select(member => $" {member.Key}={member.Value}")),
                0);
            _lines.Add(line);
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => _scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Write(formatter(state, exception));
    }
}
