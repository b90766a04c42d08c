using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Guardrails;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Telemetry;
using Cluster.Engine.Tools;
using Cluster.Storage.Tests.Sqlite;
using Cluster.Storage.Tests.Postgres;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Cluster.Storage.Tests;

/// <summary>What a guardrail blocks or masks is searched for in everything that a run leaves behind, with all that can be turned on turned on.</summary>
[SuppressMessage("Maintainability", "CA1506:Avoid excessive class coupling", Justification = "It looks at everything that a run leaves behind, on purpose.")]
public sealed class PersonalDataTests
{
    private const string Email = "bob.secret@example.com";
    private const string Card = "4111 1111 1111 1111";

    /// <summary>Found everywhere where the input is: it proves that the search finds what is there.</summary>
    private const string Innocent = "innocent-words";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_of_it_is_in_the_files_nor_in_events_logs_and_traces(bool masks)
    {
        using var directory = new TestDirectory();
        var traces = await RunAsync(masks, services => services.AddSqliteStorage(directory.Path));

        var stored = new StringBuilder();
        foreach (var file in Directory.GetFiles(directory.Path, "*", SearchOption.AllDirectories))
        {
            stored.Append(Encoding.UTF8.GetString(await File.ReadAllBytesAsync(file, Stop)));
        }

        Search(traces + stored);
        Assert.Contains(Innocent, stored.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_of_it_is_in_any_row(bool masks)
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var traces = await RunAsync(masks, services => services.AddPostgresStorage(schema.ConnectionString));

        var rows = await DumpAsync(schema.DataSource);
        Search(traces + rows);
        Assert.Contains(Innocent, rows, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_human_answers_is_kept_as_a_tool_needs_it_unless_answers_are_screened()
    {
        Assert.Equal(Email, await AnswerAsync(new PiiDetection { MaskPii = true }));
        Assert.Equal(new string('*', Email.Length), await AnswerAsync(new PiiDetection { MaskPii = true, ScreenAnswers = true }));
        var refusal = await Assert.ThrowsAsync<Engine.Errors.InvalidRequestException>(() => AnswerAsync(new PiiDetection { ScreenAnswers = true }));
        Assert.DoesNotContain(Email, refusal.Message, StringComparison.Ordinal);
    }

    [SuppressMessage("Maintainability", "CA1506:Avoid excessive class coupling", Justification = "It looks at everything that a run leaves behind, on purpose.")]
    private static async Task<string?> AnswerAsync(PiiDetection guardrail)
    {
        var tool = Tool.Create((string to) => $"sent to {to}", new ToolOptions { Name = "send", UserInputFields = ["to"] });
        var model = ScriptedModelProvider.Create(new Script { Text = "{result}", Calls = [new ScriptedCall("send", EngineJson.EmptyObject)] });
        await using var provider = new ServiceCollection().AddLogging().AddEngine()
            .AddAgent(new Agent { Id = "a", Model = model, Tools = [tool], Guardrails = [guardrail] }).BuildServiceProvider();
        var host = provider.GetRequiredService<IRunHost>();
        var runId = await host.StartAsync(NewRequest("hi"), Stop);
        var paused = await host.WaitAsync(runId, Stop);
        var asked = Assert.Single(paused.Tools!.Value);
        var fields = asked.UserInputSchema!.Value.Select(field => field with { Value = JsonSerializer.SerializeToElement(Email) });

        await host.ContinueAsync(new RunContinuation(runId, [asked with { UserInputSchema = [.. fields] }]), Stop);

        return (await host.WaitAsync(runId, Stop)).Content?.Text?["sent to ".Length..];
    }

    /// <summary>Runs and gives all that was told of it: events, records, log lines and spans.</summary>
    [SuppressMessage("Maintainability", "CA1506:Avoid excessive class coupling", Justification = "It looks at everything that a run leaves behind, on purpose.")]
    private static async Task<string> RunAsync(bool masks, Action<IServiceCollection> addStorage)
    {
        var told = new ConcurrentQueue<string>();
        using var listener = Listen(told);
        var services = new ServiceCollection().AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new Collector(told)));
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        addStorage(services.AddEngine());
        services.Configure<TelemetryOptions>(telemetry => telemetry.CaptureContent = true);
        services.AddAgent(new Agent
        {
            Id = "a",
            Model = ScriptedModelProvider.Create(new Script { Text = "You said {input}" }),
            Guardrails = [new PiiDetection { MaskPii = masks, ScreenValues = true }],
            SessionState = new SessionStateSettings { AddToContext = true },
            Dependencies = new Dependencies { AddToContext = true },
        });
        await using var provider = services.BuildServiceProvider();
        var host = provider.GetRequiredService<IRunHost>();
        foreach (var request in Requests())
        {
            var runId = await host.StartAsync(request, Stop);
            var run = await host.WaitAsync(runId, Stop);
            Assert.Equal(masks ? RunStatus.Completed : RunStatus.Error, run.Status);
            told.Enqueue(JsonSerializer.Serialize(run, EngineJson.Context.RunOutput));
            await foreach (var next in host.ReadEventsAsync(runId, -1, Stop))
            {
                told.Enqueue(JsonSerializer.Serialize(next, EngineJson.Context.RunEvent));
            }
        }

        Assert.Contains(told, line => line.StartsWith("span", StringComparison.Ordinal) && (!masks || line.Contains(Innocent, StringComparison.Ordinal)));
        return string.Join('\n', told);
    }

    private static IEnumerable<RunRequest> Requests()
    {
        var text = $"{Innocent}: {Email}, {Card}";
        yield return NewRequest(text);
        yield return NewRequest(new ContentValue(null, JsonSerializer.SerializeToElement(new Dictionary<string, object> { ["list"] = new[] { text }, [Email] = 4111111111111111 })));
        yield return NewRequest(text, new Media { Filename = Email, MimeType = "text/plain", Content = text });
        yield return NewRequest(Innocent, new Media { MimeType = "application/json", Content = Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"a":"{{text}}"}""")) });
        yield return NewRequest(Innocent) with
        {
            SessionState = JsonSerializer.SerializeToElement(new { to = text }),
            Dependencies = JsonSerializer.SerializeToElement(new { to = text }),
            Metadata = JsonSerializer.SerializeToElement(new { to = text }),
        };
    }

    private static RunRequest NewRequest(ContentValue content, params Media[] files) => new()
    {
        RunId = Guid.NewGuid().ToString(),
        SessionId = Guid.NewGuid().ToString(),
        AgentId = "a",
        Input = new RunInput { InputContent = content, Files = files.Length > 0 ? [.. files] : null },
    };

    private static void Search(string everything)
    {
        foreach (var secret in new[] { Email, "bob.secret", Card, "1111 1111", "4111111111111111", Convert.ToBase64String(Encoding.UTF8.GetBytes(Email))[..20] })
        {
            Assert.DoesNotContain(secret, everything, StringComparison.OrdinalIgnoreCase);
        }
    }

    private static ActivityListener Listen(ConcurrentQueue<string> told)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == EngineTelemetry.ActivitySourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => told.Enqueue($"span {span.DisplayName} {span.StatusDescription} {string.Join(' ', span.TagObjects)} "
                + string.Join(' ', span.Events.SelectMany(one => one.Tags))),
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static async Task<string> DumpAsync(NpgsqlDataSource dataSource)
    {
        var text = new StringBuilder();
        foreach (var table in await ListAsync(dataSource, "SELECT quote_ident(table_name) FROM information_schema.tables WHERE table_schema = current_schema()"))
        {
            foreach (var row in await ListAsync(dataSource, $"SELECT row_to_json(t)::text FROM {table} t"))
            {
                text.AppendLine(row).AppendLine(Decode(row));
            }
        }

        return text.ToString();
    }

    /// <summary>Bytes are written as hexadecimal digits.</summary>
    private static string Decode(string row) => string.Concat(row.Split('"')
        .Where(part => part.StartsWith("\\\\x", StringComparison.Ordinal)).Select(part => Encoding.UTF8.GetString(Convert.FromHexString(part[3..]))));

    private static async Task<List<string>> ListAsync(NpgsqlDataSource dataSource, string sql)
    {
        await using var command = dataSource.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(Stop);
        var values = new List<string>();
        while (await reader.ReadAsync(Stop))
        {
            values.Add(reader.GetString(0));
        }

        return values;
    }

    private sealed class Collector(ConcurrentQueue<string> told) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            told.Enqueue($"scope {state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            told.Enqueue($"log {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
