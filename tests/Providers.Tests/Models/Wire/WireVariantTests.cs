using System.Globalization;
using Cluster.Engine.Models;
using Microsoft.Extensions.AI;
using static Cluster.Providers.Tests.Models.ModelTestBed;

namespace Cluster.Providers.Tests.Models.Wire;

/// <summary>What compatible servers really send, as their documents and the reports of their users have it.</summary>
public sealed class WireVariantTests : IAsyncLifetime
{
    private VendorServer _server = null!;

    public static TheoryData<string> Names => [.. Variants.Keys];

    private static Dictionary<string, WireVariant> Variants { get; } =
        new[] { ToolCallVariants.All, StreamVariants.All, FailureVariants.All }.SelectMany(part => part).ToDictionary(variant => variant.Name, StringComparer.Ordinal);

    public async ValueTask InitializeAsync() => _server = await VendorServer.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_variant_is_understood(string name)
    {
        var variant = Variants[name];
        _server.Raw(variant.Bytes?.ToArray() ?? System.Text.Encoding.UTF8.GetBytes(variant.Body), variant.RetryAfter);
        await using var bed = For(_server, "openai", ("Models:openai:Retries", "0"));

        Assert.Equal(variant.Expected, await ListenAsync(bed.Resolve("openai:m").Client));
    }

    [Fact]
    public async Task The_client_of_the_framework_understands_fewer()
    {
        var passed = new List<string>();
        var failed = new List<string>();
        foreach (var variant in Variants.Values)
        {
            _server.Raw(variant.Bytes?.ToArray() ?? System.Text.Encoding.UTF8.GetBytes(variant.Body), variant.RetryAfter);
            using var client = Comparison.Create(new Uri(_server.Url + "/v1"));
            var heard = await TryListenAsync(client);
            (heard == variant.Expected ? passed : failed).Add($"{variant.Name}: {heard}");
        }

        var sums = Variants.Keys.Select(name => name[..name.IndexOf(':', StringComparison.Ordinal)]).Distinct()
            .Select(part => $"{part} {passed.Count(line => line.StartsWith(part + ":", StringComparison.Ordinal))}/{Variants.Keys.Count(name => name.StartsWith(part + ":", StringComparison.Ordinal))}");

        TestContext.Current.TestOutputHelper!.WriteLine($"{passed.Count} of {Variants.Count} ({string.Join(", ", sums)}); not:\n{string.Join('\n', failed)}");
        Assert.True(passed.Count < Variants.Count);
    }

    private static async Task<string> TryListenAsync(IChatClient client)
    {
        try
        {
            return await ListenAsync(client);
        }
        catch (Exception broken) when (broken is System.Text.Json.JsonException or NullReferenceException or InvalidOperationException or System.ClientModel.ClientResultException or KeyNotFoundException or FormatException)
        {
            return "broke: " + broken.Message;
        }
    }

    private static async Task<string> ListenAsync(IChatClient client)
    {
        var options = new ChatOptions { Tools = [.. new[] { "add", "multiply", "now", "get_weather" }.Select(Tool)] };
        var updates = new List<ChatResponseUpdate>();
        var failure = string.Empty;
        try
        {
            await foreach (var update in client.GetStreamingResponseAsync("hi", options, TestContext.Current.CancellationToken))
            {
                updates.Add(update);
            }
        }
        catch (ModelException thrown)
        {
            failure = string.Create(CultureInfo.InvariantCulture, $"failed {thrown.Kind} {thrown.StatusCode?.ToString(CultureInfo.InvariantCulture) ?? "-"} {thrown.Message}");
        }
        catch (ArgumentException thrown)
        {
            failure = "broke: " + thrown.Message;
        }

        return string.Join(" | ", Show(updates).Append(failure).Where(part => part.Length > 0));
    }

    private static IEnumerable<string> Show(List<ChatResponseUpdate> updates)
    {
        var contents = updates.SelectMany(update => update.Contents).ToArray();
        yield return Labelled("thought", string.Concat(contents.OfType<TextReasoningContent>().Select(thought => thought.Text)));
        yield return Labelled("text", string.Concat(contents.OfType<TextContent>().Select(text => text.Text)));
        foreach (var kept in contents.OfType<TextReasoningContent>().Select(thought => thought.ProtectedData).OfType<string>())
        {
            yield return "kept " + kept[(kept.IndexOf("reasoning_details\":", StringComparison.Ordinal) + 19)..^1];
        }

        foreach (var call in contents.OfType<FunctionCallContent>())
        {
            var id = call.CallId.Length > 0 ? call.CallId + " " : string.Empty;
            var extra = call.AdditionalProperties?.TryGetValue("extra_content", out var kept) == true ? $" {kept}" : string.Empty;
            yield return call.Exception is null
                ? $"call {id}{call.Name} {System.Text.Json.JsonSerializer.Serialize(call.Arguments, Relaxed)}{extra}"
                : $"malformed {id}{call.Name} {call.AdditionalProperties?["arguments"]}";
        }

        foreach (var usage in contents.OfType<UsageContent>().TakeLast(1))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"usage {usage.Details.InputTokenCount}/{usage.Details.OutputTokenCount}/{usage.Details.TotalTokenCount}");
        }

        yield return Labelled("finish", updates.LastOrDefault(update => update.FinishReason is not null)?.FinishReason?.Value ?? string.Empty);
    }

    private static System.Text.Json.JsonSerializerOptions Relaxed { get; } = new() { Encoder = Engine.Json.EngineJson.Options.Encoder };

    private static string Labelled(string label, string text) => text.Length == 0 ? string.Empty : $"{label} {text}";

    private static AIFunctionDeclaration Tool(string name) => AIFunctionFactory.CreateDeclaration(name, null, System.Text.Json.JsonElement.Parse("""{"type":"object","properties":{}}"""));
}
