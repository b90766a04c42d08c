using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Cluster.Engine.Guardrails;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;
using Cluster.Providers.Models;
using Microsoft.Extensions.Logging;

namespace Cluster.Providers.Guardrails;

/// <summary>Refuses inputs that OpenAI's moderation flags. The texts and pictures of the input are sent there.</summary>
public sealed partial class OpenAIModeration : IGuardrail
{
    /// <summary>The name in events and in definitions.</summary>
    public const string DefaultName = "openai_moderation";

    private readonly ModerationSettings _settings;
    private readonly ModerationClient _client;
    private readonly ILogger _logger;

    internal OpenAIModeration(ModerationSettings settings, VendorSurroundings surroundings)
    {
        _settings = settings;
        _client = new ModerationClient(settings, surroundings);
        _logger = surroundings.Logger;
    }

    /// <inheritdoc/>
    public string Name => DefaultName;

    /// <summary>Makes the guardrail where there is no server and no dependency injection, for instance in a console program.</summary>
    /// <param name="settings">What is asked; null for the defaults.</param>
    /// <param name="options">How OpenAI is called. Null, and members that are null, for <c>OPENAI_API_KEY</c>, <c>OPENAI_BASE_URL</c> and the usual address.</param>
    /// <returns>The guardrail.</returns>
    public static OpenAIModeration Create(ModerationSettings? settings = null, ModelVendorOptions? options = null) =>
        new(settings ?? new ModerationSettings(), VendorModels.Surroundings(ModelVendor.OpenAICompatible[0], options));

    /// <inheritdoc/>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever keeps it from looking must not let the input pass.")]
    public async ValueTask<RunInput> CheckInputAsync(RunInput input, RunContext run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(run);
        try
        {
            foreach (var result in await _client.AskAsync(input, cancellationToken))
            {
                Demand(result);
            }
        }
        catch (Exception failure) when (failure is not InputCheckException && !cancellationToken.IsCancellationRequested)
        {
            LogUnavailable(run.RunId, failure.Message);
            if (!_settings.AllowWhenUnavailable)
            {
                throw new InputCheckException("The input could not be checked by moderation, so it is not worked on.", CheckTrigger.InputNotAllowed);
            }
        }

        return input;
    }

    private void Demand(JsonElement result)
    {
        var flagged = result.GetProperty("categories").EnumerateObject()
            .Where(category => category.Value.ValueKind == JsonValueKind.True)
            .Select(category => category.Name)
            .Where(name => _settings.Categories.IsEmpty || _settings.Categories.Contains(name, StringComparer.Ordinal))
            .ToArray();
        if (flagged.Length > 0 || (_settings.Categories.IsEmpty && result.GetProperty("flagged").GetBoolean()))
        {
            throw new InputCheckException($"Moderation flags the input: {string.Join(", ", flagged)}.", CheckTrigger.InputNotAllowed) { AdditionalData = result };
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Moderation could not look at the input of run {RunId}: {Reason}")]
    private partial void LogUnavailable(string runId, string reason);
}
