using System.Collections.Concurrent;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Runs;

namespace Cluster.Gateway.Tests.Teams;

/// <summary>Sees on which silos runs begin, and loses news on their way to leaders when a test says so.</summary>
internal sealed class MemberCalls : IIncomingGrainCallFilter
{
    private readonly ConcurrentDictionary<string, SiloAddress> _places = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _deafened = new(StringComparer.Ordinal);

    /// <summary>Gets how many messages were lost.</summary>
    public int Lost { get; private set; }

    /// <summary>Gets the silo on which a run began.</summary>
    public SiloAddress PlaceOf(string runId) => _places[runId];

    /// <summary>Loses all news to a leader from now on but those of an end.</summary>
    public void Deafen(string leaderRunId) => _deafened[leaderRunId] = true;

    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.Grain is not IRunGrain || context.Grain is not IGrainBase { GrainContext: { } grain })
        {
            return context.Invoke();
        }

        var runId = RunKey.Parse(grain.GrainId.Key.ToString()!).RunId;
        if (context.ImplementationMethod.Name == nameof(IRunGrain.BeginAsync))
        {
            _places[((FreshRun)context.Request.GetArgument(0)!).Accepted.Request.RunId] = grain.Address.SiloAddress!;
        }

        if (context.ImplementationMethod.Name == nameof(IRunGrain.HearAsync) && _deafened.ContainsKey(runId) && !((RunNews)context.Request.GetArgument(0)!).IsEnd)
        {
            Lost++;
            return Task.CompletedTask;
        }

        return context.Invoke();
    }
}
