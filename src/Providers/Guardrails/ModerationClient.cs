using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Engine.Guardrails;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Providers.Models;
using Cluster.Providers.Models.Wire;

namespace Cluster.Providers.Guardrails;

/// <summary>Asks OpenAI's moderation, with the same key, address and patience as its models.</summary>
/// <param name="settings">What is asked.</param>
/// <param name="surroundings">What all vendors share.</param>
internal sealed class ModerationClient(ModerationSettings settings, VendorSurroundings surroundings)
{
    /// <summary>A run waits for the answer: it is given up sooner than a model.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly VendorModelProvider _vendor = new(ModelVendor.OpenAICompatible[0], surroundings);

    /// <summary>Asks about an input.</summary>
    /// <returns>The results as they came.</returns>
    /// <exception cref="Cluster.Engine.Models.ModelException">There is no answer.</exception>
    /// <exception cref="Cluster.Engine.Errors.InvalidRequestException">There is no key.</exception>
    public async Task<IReadOnlyList<JsonElement>> AskAsync(RunInput input, CancellationToken cancellationToken)
    {
        var parts = Parts(input);
        if (parts.Count == 0)
        {
            return [];
        }

        var call = _vendor.NewCall(settings.Model);
        var body = new JsonObject { ["model"] = settings.Model, ["input"] = parts }.ToJsonString();
        for (var attempt = 0; ; attempt++)
        {
            var (results, failure) = await TryAsync(call, body, cancellationToken);
            if (results is not null)
            {
                return results;
            }

            var pause = failure!.RetryAfter ?? call.Options.RetryDelay;
            if (!failure.IsTransient || attempt >= call.Options.Retries || pause > LongestWait)
            {
                throw call.ToModelException(failure);
            }

            await Task.Delay(pause, surroundings.TimeProvider, cancellationToken);
        }
    }

    private async Task<(IReadOnlyList<JsonElement>? Results, VendorFailure? Failure)> TryAsync(VendorCall call, string body, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(call.Options.Timeout < LongestWait ? call.Options.Timeout : LongestWait, surroundings.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{call.BaseUrl.ToString().TrimEnd('/')}/moderations")
            {
                Content = new StringContent(body, MediaTypeHeaderValue.Parse("application/json")),
                Headers = { Authorization = new AuthenticationHeaderValue("Bearer", call.ApiKey) },
            };
            using var response = await surroundings.Http.Client.SendAsync(request, either.Token);
            return (Read(await response.Content.ReadAsStringAsync(either.Token)), null);
        }
        catch (Exception thrown) when (!cancellationToken.IsCancellationRequested && call.Understand(thrown) is { } failure)
        {
            return (null, failure);
        }
    }

    private static List<JsonElement> Read(string body)
    {
        var json = JsonElement.Parse(body);
        return WireJson.Member(json, "results") is { ValueKind: JsonValueKind.Array } results && results.GetArrayLength() > 0
            ? [.. results.EnumerateArray()]
            : throw new VendorFailure("The answer of OpenAI's moderation has no results.");
    }

    private static JsonArray Parts(RunInput input)
    {
        var parts = new JsonArray();
        InputTexts.Map(input, text =>
        {
            if (!string.IsNullOrWhiteSpace(text))
            {
                parts.Add((JsonNode)new JsonObject { ["type"] = "text", ["text"] = text });
            }

            return text;
        });
        foreach (var address in (input.Images ?? []).Select(Address).OfType<string>())
        {
            parts.Add((JsonNode)new JsonObject { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = address } });
        }

        return parts;
    }

    private static string? Address(Media image) =>
        image.Url ?? (image.Content?.Text is { } content ? $"data:{image.MimeType ?? $"image/{image.Format ?? "png"}"};base64,{content}" : null);
}
