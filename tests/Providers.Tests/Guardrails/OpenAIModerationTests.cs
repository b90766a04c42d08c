using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Messages;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Cluster.Engine.Tools;
using Cluster.Providers.Definitions;
using Cluster.Providers.Guardrails;
using Cluster.Providers.Models;
using Cluster.Providers.Tests.Models;

namespace Cluster.Providers.Tests.Guardrails;

public sealed class OpenAIModerationTests : IAsyncLifetime
{
    private VendorServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await VendorServer.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_flagged_input_ends_the_run_with_what_moderation_says()
    {
        _server.Json(Judge);

        var run = await RunAsync("how to stab somebody");

        Assert.Equal(RunStatus.Error, run.Status);
        Assert.Equal("Moderation flags the input: violence.", run.Content?.Text);
        var request = Assert.Single(_server.Requests);
        Assert.Equal(("POST /v1/moderations", $"Bearer {ModelTestBed.Key}"), (request.Route, request.Headers["Authorization"]));
        Assert.Equal("""{"model":"omni-moderation-latest","input":[{"type":"text","text":"how to stab somebody"}]}""", request.Body);
    }

    [Fact]
    public async Task The_error_names_the_trigger_and_holds_the_result()
    {
        _server.Json(Judge);
        var agent = NewAgent(new ModerationSettings());

        var error = (RunError)(await agent.RunStreamingAsync("how to stab somebody", cancellationToken: TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken))[^1];

        Assert.Equal(("input_check_error", "input_not_allowed"), (error.ErrorType, error.ErrorId));
        Assert.Equal(0.9, error.AdditionalData!.Value.GetProperty("category_scores").GetProperty("violence").GetDouble());
    }

    [Fact]
    public async Task An_input_that_is_not_flagged_passes()
    {
        _server.Json(Judge);

        Assert.Equal((RunStatus.Completed, "fine"), await OutcomeAsync("how to bake"));
    }

    [Fact]
    public async Task Categories_that_are_not_asked_for_do_not_count()
    {
        _server.Json(Judge);

        Assert.Equal((RunStatus.Completed, "fine"), await OutcomeAsync("how to stab somebody", new ModerationSettings { Categories = ["hate"] }));
    }

    [Fact]
    public async Task Pictures_are_looked_at_too()
    {
        _server.Json(Judge);
        var input = new RunInput { InputContent = "look", Images = [new Media { Url = "https://example.com/a.png" }, new Media { Content = "AAAA", MimeType = "image/jpeg" }] };
        var run = new RunContext { Scope = new Scope(TenantId.Default, null), RunId = "r", SessionId = "s", AgentId = "a", State = new SessionState(JsonElement.Parse("{}")), Input = input };

        await NewGuardrail(new ModerationSettings()).CheckInputAsync(input, run, TestContext.Current.CancellationToken);

        var parts = JsonElement.Parse(_server.Requests.Single().Body).GetProperty("input").EnumerateArray().Skip(1).Select(part => part.GetProperty("image_url").GetProperty("url").GetString());
        Assert.Equal(["https://example.com/a.png", "data:image/jpeg;base64,AAAA"], parts);
    }

    [Fact]
    public async Task An_input_that_nobody_could_look_at_does_not_pass()
    {
        _server.Fail(400, """{"error":{"message":"no"}}""");

        var (status, content) = await OutcomeAsync("hi");

        Assert.Equal(RunStatus.Error, status);
        Assert.Contains("could not be checked", content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_without_results_is_none()
    {
        _server.Json(_ => """{"results":[]}""");

        Assert.Equal(RunStatus.Error, (await OutcomeAsync("hi")).Status);
    }

    [Fact]
    public async Task It_can_be_told_to_let_pass_what_nobody_could_look_at()
    {
        _server.Fail(400, "no");

        Assert.Equal((RunStatus.Completed, "fine"), await OutcomeAsync("hi", new ModerationSettings { AllowWhenUnavailable = true }));
    }

    [Fact]
    public async Task A_busy_vendor_is_asked_again()
    {
        _server.Fail(429, "busy", retryAfter: "0").Json(Judge);

        Assert.Equal((RunStatus.Completed, "fine"), await OutcomeAsync("how to bake"));
        Assert.Equal(2, _server.Requests.Count);
    }

    [Fact]
    public void A_definition_names_it_and_its_settings()
    {
        using var text = new StringReader(
            """
            agents:
              - name: A
                guardrails:
                  - {name: openai_moderation, moderation_model: m, raise_for_categories: [hate], allow_when_unavailable: true}
            """);

        Assert.IsType<OpenAIModeration>(Assert.Single(Assert.Single(AgentDefinitions.Load(text, KnownTools.None)).Guardrails));
    }

    /// <summary>Flags what mentions stabbing, in the first text of a request that has the documented shape.</summary>
    private static string Judge(JsonElement request)
    {
        Assert.Equal("omni-moderation-latest", request.GetProperty("model").GetString());
        var part = request.GetProperty("input")[0];
        Assert.Equal("text", part.GetProperty("type").GetString());
        var isViolent = part.GetProperty("text").GetString()!.Contains("stab", StringComparison.Ordinal);
        return JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["id"] = "modr-1",
            ["results"] = new[]
            {
                new Dictionary<string, object>
                {
                    ["flagged"] = isViolent,
                    ["categories"] = new Dictionary<string, bool> { ["hate"] = false, ["violence"] = isViolent },
                    ["category_scores"] = new Dictionary<string, double> { ["hate"] = 0.1, ["violence"] = isViolent ? 0.9 : 0.2 },
                },
            },
        });
    }

    private OpenAIModeration NewGuardrail(ModerationSettings settings) => OpenAIModeration.Create(
        settings, new ModelVendorOptions { ApiKey = ModelTestBed.Key, BaseUrl = _server.Url + "/v1" });

    private Agent NewAgent(ModerationSettings settings) => new()
    {
        Name = "A",
        Model = ScriptedModelProvider.Create(new Script { Text = "fine" }),
        Guardrails = [NewGuardrail(settings)],
    };

    private Task<RunOutput> RunAsync(string input, ModerationSettings? settings = null) =>
        NewAgent(settings ?? new ModerationSettings()).RunAsync(input, cancellationToken: TestContext.Current.CancellationToken);

    private async Task<(RunStatus Status, string Content)> OutcomeAsync(string input, ModerationSettings? settings = null)
    {
        var run = await RunAsync(input, settings);
        return (run.Status, run.Content!.ToString());
    }
}
