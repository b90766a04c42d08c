using System.Text.RegularExpressions;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Api.Tests.InOneProcess;

/// <summary>What a stream shows of a model that breaks off and is asked again, or whose place another takes.</summary>
public sealed partial class RetriedStreamTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_short_view_tells_when_words_count_no_more_and_what_counts(bool isRetried)
    {
        var model = new SpokenModel();
        var agent = isRetried
            ? model.Agent with { Retry = new RetrySettings { Retries = 1, Delay = TimeSpan.Zero }, Fallbacks = FallbackSettings.None }
            : model.Agent with { Fallbacks = new FallbackSettings { OnError = [TestApi.Scripted("b", "b", new Script { Text = "whole", Deltas = 1 }).Model!] } };
        await using var api = await TestApi.StartAsync(services => services.AddAgent(agent));
        using var stream = await LiveStream.PostAsync(api, "/agents/spoken/runs", ("message", "Hi"), ("stream_events", "false"));
        model.Say("half");
        await stream.UntilAsync("half");
        model.Fail();

        var rest = await stream.RestAsync();

        Assert.Equal(isRetried ? ["ModelRequestStarted", "RunError"] : ["ModelRequestStarted", "RunContent", "RunCompleted"], Names(string.Join('\n', rest)));
    }

    private static string[] Names(string stream) => [.. Name().Matches(stream).Select(match => match.Groups[1].Value)];

    [GeneratedRegex("^event: (.+)$", RegexOptions.Multiline)]
    private static partial Regex Name();
}
