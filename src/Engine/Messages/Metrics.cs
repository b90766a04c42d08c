using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Cluster.Engine.Json;

namespace Cluster.Engine.Messages;

/// <summary>Tokens that a model counted. Counts of zero are left out of the JSON; none is negative, and sums that grow too large stay at the largest number.</summary>
public abstract record TokenMetrics
{
    /// <summary>Gets the tokens of the prompt.</summary>
    [JsonPropertyOrder(-10), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault), JsonConverter(typeof(TokenCountConverter))]
    public long InputTokens { get; init => field = Math.Max(0, value); }

    /// <summary>Gets the tokens of the answer.</summary>
    [JsonPropertyOrder(-9), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault), JsonConverter(typeof(TokenCountConverter))]
    public long OutputTokens { get; init => field = Math.Max(0, value); }

    /// <summary>Gets the sum that the provider reports.</summary>
    [JsonPropertyOrder(-8), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault), JsonConverter(typeof(TokenCountConverter))]
    public long TotalTokens { get; init => field = Math.Max(0, value); }

    /// <summary>Gets the prompt tokens that the provider had cached.</summary>
    [JsonPropertyOrder(-7), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault), JsonConverter(typeof(TokenCountConverter))]
    public long CacheReadTokens { get; init => field = Math.Max(0, value); }

    /// <summary>Gets the prompt tokens that the provider put into its cache.</summary>
    [JsonPropertyOrder(-6), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault), JsonConverter(typeof(TokenCountConverter))]
    public long CacheWriteTokens { get; init => field = Math.Max(0, value); }

    /// <summary>Gets the tokens that the model spent on reasoning.</summary>
    [JsonPropertyOrder(-5), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault), JsonConverter(typeof(TokenCountConverter))]
    public long ReasoningTokens { get; init => field = Math.Max(0, value); }

    /// <summary>Gets what the tokens cost in US dollars; null when no price is known. Sums hold what is known.</summary>
    [JsonPropertyOrder(-4), JsonConverter(typeof(CostConverter))]
    public decimal? Cost { get; init; }
}

/// <summary>What one model call cost.</summary>
public sealed record MessageMetrics : TokenMetrics
{
    /// <summary>Gets the seconds from the request to the first piece of text; null when the answer held none.</summary>
    public double? TimeToFirstToken { get; init; }
}

/// <summary>What all calls of one model cost together.</summary>
public sealed record ModelMetrics : TokenMetrics
{
    /// <summary>Gets the model's id.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the provider's display name.</summary>
    public required string Provider { get; init; }
}

/// <summary>What a run, or all runs of a session, cost.</summary>
public sealed record RunMetrics : TokenMetrics
{
    /// <summary>Gets the metrics without any call.</summary>
    public static RunMetrics None { get; } = new();

    private static readonly ImmutableSortedDictionary<string, ImmutableArray<ModelMetrics>> NoDetails =
        ImmutableSortedDictionary.Create<string, ImmutableArray<ModelMetrics>>(StringComparer.Ordinal);

    private ImmutableSortedDictionary<string, ImmutableArray<ModelMetrics>>? _details;

    /// <summary>Gets the seconds from the start of the run to the first piece of text; null when there was none, and in sessions.</summary>
    public double? TimeToFirstToken { get; init; }

    /// <summary>Gets the seconds that the run took; null while it runs, and in sessions.</summary>
    public double? Duration { get; init; }

    /// <summary>Gets the metrics by what the model was used for (<c>model</c> is the main one) and by model; null without any call.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<ModelMetrics>>? Details
    {
        get => _details;
        init => _details = value;
    }

    /// <summary>Adds one model call.</summary>
    /// <param name="call">What the call cost.</param>
    /// <param name="modelId">The model that was called.</param>
    /// <param name="provider">The model's provider.</param>
    /// <param name="use">What it was called for, a key of <see cref="Details"/>. The default is the main model's.</param>
    /// <returns>The sum; times are left as they are.</returns>
    public RunMetrics Add(TokenMetrics call, string modelId, string provider, string use = ModelUse.Main)
    {
        ArgumentNullException.ThrowIfNull(call);
        return Sum(this, call, Add(Details, use, [Of(call, modelId, provider)]));
    }

    /// <summary>Adds the metrics of a run to those of a session.</summary>
    /// <param name="run">The run's metrics.</param>
    /// <returns>The sum, without times: a session has none.</returns>
    public RunMetrics Add(RunMetrics run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (ReferenceEquals(this, None))
        {
            return run.WithoutTimes();
        }

        if (ReferenceEquals(run, None))
        {
            return WithoutTimes();
        }

        var details = Details;
        foreach (var (use, models) in run.Details ?? NoDetails)
        {
            details = Add(details, use, models);
        }

        return Sum(WithoutTimes(), run, details);
    }

    /// <summary>Takes away what was counted before; times are left out.</summary>
    internal RunMetrics Less(RunMetrics part)
    {
        var rest = Difference(this, part) with { TimeToFirstToken = null, Duration = null };
        return Details is { } details && part.Details is { } counted
            ? rest with { Details = details.ToImmutableSortedDictionary(use => use.Key, use => Less(use.Value, counted.GetValueOrDefault(use.Key, [])), StringComparer.Ordinal) }
            : rest;
    }

    private static ImmutableArray<ModelMetrics> Less(ImmutableArray<ModelMetrics> models, ImmutableArray<ModelMetrics> counted) =>
        [.. models.Select(model => counted.FirstOrDefault(other => other.Id == model.Id && other.Provider == model.Provider) is { } part ? Difference(model, part) : model)];

    private RunMetrics WithoutTimes() => TimeToFirstToken is null && Duration is null ? this : this with { TimeToFirstToken = null, Duration = null };

    private static ImmutableSortedDictionary<string, ImmutableArray<ModelMetrics>> Add(
        ImmutableSortedDictionary<string, ImmutableArray<ModelMetrics>>? details, string use, ImmutableArray<ModelMetrics> added)
    {
        details ??= NoDetails;
        if (!details.TryGetValue(use, out var models))
        {
            return details.Add(use, added);
        }

        foreach (var model in added)
        {
            var known = models.FirstOrDefault(other => other.Id == model.Id && other.Provider == model.Provider);
            models = known is null ? models.Add(model) : models.Replace(known, Sum(known, model));
        }

        return details.SetItem(use, models);
    }

    private static ModelMetrics Of(TokenMetrics call, string modelId, string provider) => new()
    {
        Id = modelId,
        Provider = provider,
        InputTokens = call.InputTokens,
        OutputTokens = call.OutputTokens,
        TotalTokens = call.TotalTokens,
        CacheReadTokens = call.CacheReadTokens,
        CacheWriteTokens = call.CacheWriteTokens,
        ReasoningTokens = call.ReasoningTokens,
        Cost = call.Cost,
    };

    private static RunMetrics Sum(RunMetrics left, TokenMetrics right, ImmutableSortedDictionary<string, ImmutableArray<ModelMetrics>>? details)
    {
        var sum = Sum(left, right);

        // The sum is nobody's yet: another copy for the details would be thrown away.
        sum._details = details;
        return sum;
    }

    private static T Sum<T>(T left, TokenMetrics right)
        where T : TokenMetrics =>
        (T)((TokenMetrics)left with
        {
            InputTokens = Saturating.Add(left.InputTokens, right.InputTokens),
            OutputTokens = Saturating.Add(left.OutputTokens, right.OutputTokens),
            TotalTokens = Saturating.Add(left.TotalTokens, right.TotalTokens),
            CacheReadTokens = Saturating.Add(left.CacheReadTokens, right.CacheReadTokens),
            CacheWriteTokens = Saturating.Add(left.CacheWriteTokens, right.CacheWriteTokens),
            ReasoningTokens = Saturating.Add(left.ReasoningTokens, right.ReasoningTokens),
            Cost = left.Cost is null && right.Cost is null ? null : Saturating.Add(left.Cost ?? 0, right.Cost ?? 0),
        });

    /// <summary>Counts are never negative, so nothing can overflow, and what would be is none.</summary>
    private static T Difference<T>(T left, TokenMetrics right)
        where T : TokenMetrics =>
        (T)((TokenMetrics)left with
        {
            InputTokens = left.InputTokens - right.InputTokens,
            OutputTokens = left.OutputTokens - right.OutputTokens,
            TotalTokens = left.TotalTokens - right.TotalTokens,
            CacheReadTokens = left.CacheReadTokens - right.CacheReadTokens,
            CacheWriteTokens = left.CacheWriteTokens - right.CacheWriteTokens,
            ReasoningTokens = left.ReasoningTokens - right.ReasoningTokens,
            Cost = left.Cost is null && right.Cost is null ? null : Saturating.Add(left.Cost ?? 0, -(right.Cost ?? 0)),
        });
}

/// <summary>What models are used for: the keys of <see cref="RunMetrics.Details"/>.</summary>
public static class ModelUse
{
    /// <summary>Answering.</summary>
    public const string Main = "model";

    /// <summary>Wording the answer anew.</summary>
    public const string Output = "output_model";

    /// <summary>Making an object of the answer.</summary>
    public const string Parser = "parser_model";

    /// <summary>Thinking before the answer.</summary>
    public const string Reasoning = "reasoning_model";

    /// <summary>Suggesting what to ask next.</summary>
    public const string Followup = "followup_model";

    /// <summary>Shortening tool results and long conversations.</summary>
    public const string Compression = "compression_model";
}
