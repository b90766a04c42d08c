using System.Collections.Immutable;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Contents;

/// <summary>Finds out to which content records refer. Writing them tells it, wherever in them it stands, also where later versions will put it.</summary>
internal static class MediaUses
{
    public static IReadOnlyList<MediaUse> Of(ImmutableArray<RunEvent> events, RunOutput? output)
    {
        var uses = new List<MediaUse>();
        SplitJson.ToArray(events, EngineJson.Context.ImmutableArrayRunEvent, uses);
        if (output is not null)
        {
            SplitJson.ToArray(output, EngineJson.Context.RunOutput, uses);
        }

        return uses;
    }
}
