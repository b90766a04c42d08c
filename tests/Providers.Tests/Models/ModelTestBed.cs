using System.Globalization;
using Cluster.Engine.Models;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cluster.Providers.Tests.Models;

/// <summary>Models as an application gets them, from configuration.</summary>
public sealed class ModelTestBed : IAsyncDisposable
{
    public const string Key = "sk-test-0123456789";

    private readonly ServiceProvider _services;

    public ModelTestBed(params (string Key, string? Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value))).Build());
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton<ILoggerFactory>(Log);
        services.AddEngine().AddModelProviders();
        _services = services.BuildServiceProvider();
    }

    public JumpingClock Clock { get; } = new();

    public LogKeeper Log { get; } = new();

    public IEnumerable<IModelProvider> Providers => _services.GetServices<IModelProvider>();

    public ChatModel Resolve(string reference) => _services.GetRequiredService<ModelCatalog>().Resolve(reference);

    public static ModelTestBed For(VendorServer server, string vendor = "openai", params (string Key, string? Value)[] settings)
    {
        ArgumentNullException.ThrowIfNull(server);
        var path = vendor == "anthropic" ? string.Empty : "/v1";
        return new ModelTestBed([($"Models:{vendor}:BaseUrl", server.Url + path), ($"Models:{vendor}:ApiKey", Key), .. settings]);
    }

    public static async Task<List<ChatResponseUpdate>> AskAsync(ChatModel model, ChatOptions? options = null, params ChatMessage[] messages)
    {
        ArgumentNullException.ThrowIfNull(model);
        var updates = new List<ChatResponseUpdate>();
        ChatMessage[] asked = messages is { Length: > 0 } ? messages : [new ChatMessage(ChatRole.User, "hi")];
        await foreach (var update in model.Client.GetStreamingResponseAsync(asked, options, TestContext.Current.CancellationToken))
        {
            updates.Add(update);
        }

        return updates;
    }

    /// <summary>Shows updates in one line each, so that tests compare all of them at once.</summary>
    public static string Show(IEnumerable<ChatResponseUpdate> updates) => string.Join('\n', updates
        .Select(update => string.Join(" + ", update.Contents.Select(Show).Concat(update.FinishReason is { } reason ? [$"finish {reason}"] : []))));

    public async ValueTask DisposeAsync() => await _services.DisposeAsync();

    private static string Show(AIContent content) => content switch
    {
        TextContent text => $"text {text.Text}",
        TextReasoningContent thought => $"thought {thought.Text}",
        FunctionCallContent { Exception: not null } call => $"malformed {call.CallId} {call.Name} {call.AdditionalProperties?["arguments"]}",
        FunctionCallContent call => $"call {call.CallId} {call.Name} {string.Join(',', call.Arguments!.Select(pair => $"{pair.Key}={pair.Value}"))}",
        UsageContent { Details: var usage } => string.Create(
            CultureInfo.InvariantCulture,
            $"usage {usage.InputTokenCount}/{usage.OutputTokenCount}/{usage.TotalTokenCount} cached {usage.CachedInputTokenCount} reasoning {usage.ReasoningTokenCount}"),
        _ => content.GetType().Name,
    };
}

/// <summary>A clock whose timers of a pause are over at once; it remembers how long they would have been.</summary>
public sealed class JumpingClock : TimeProvider
{
    private readonly List<TimeSpan> _pauses = [];

    /// <summary>Gets or sets how long a timer has to be to be left alone: those are timeouts, not pauses.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromMinutes(5);

    public IReadOnlyList<TimeSpan> Pauses => _pauses;

    public override DateTimeOffset GetUtcNow() => new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var isPause = dueTime >= TimeSpan.Zero && dueTime < Patience;
        if (isPause)
        {
            _pauses.Add(dueTime);
        }

        return base.CreateTimer(callback, state, isPause ? TimeSpan.Zero : dueTime, period);
    }
}

/// <summary>Keeps what is logged.</summary>
public sealed class LogKeeper : ILoggerFactory, ILogger
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        _lines.Add($"{logLevel}: {formatter(state, exception)}");
    }

    public void Dispose()
    {
    }
}
