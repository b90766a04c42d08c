using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Tests.Json;

/// <summary>Events as clients and stores see them.</summary>
internal static class Frames
{
    public static string Write(RunEvent next) => JsonSerializer.Serialize(next, EngineJson.Context.RunEvent);

    public static RunEvent Read(string json) => JsonSerializer.Deserialize(json, EngineJson.Context.RunEvent)!;
}
