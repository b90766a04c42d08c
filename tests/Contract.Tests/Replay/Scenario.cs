using System.Text.Json;

namespace Cluster.Contract.Tests.Replay;

/// <summary>Exchanges that follow upon each other on one server.</summary>
/// <param name="Name">What happens in it.</param>
/// <param name="Steps">The exchanges in order.</param>
internal sealed record Scenario(string Name, params ScenarioStep[] Steps);

/// <summary>One step of a scenario.</summary>
internal abstract record ScenarioStep;

/// <summary>Asks what was asked in a recording and compares the answer.</summary>
/// <param name="Recording">The recording.</param>
internal sealed record ReplayStep(string Recording) : ScenarioStep
{
    /// <summary>Gets the number of frames after which the client leaves; null when it reads to the end.</summary>
    public int? LeaveAfter { get; init; }

    /// <summary>Gets what happens elsewhere as soon as so many frames have arrived.</summary>
    public Dictionary<int, Func<Player, CancellationToken, Task>> AfterFrame { get; init; } = [];

    /// <summary>Gets the recorded id of the run, for acts that name it while it is streamed.</summary>
    public string? RunId { get; init; }

    public static implicit operator ReplayStep(string recording) => new(recording);
}

/// <summary>Sends a request whose answer was not recorded, and takes ids from its answer.</summary>
/// <param name="Command">The request as a curl command.</param>
internal sealed record PrepareStep(string Command) : ScenarioStep
{
    /// <summary>Gets the recorded ids that the answer gives us ours of, by path: names and positions divided by dots.</summary>
    public Dictionary<string, string> Ids { get; init; } = [];

    public async Task RunAsync(Player player, CancellationToken cancellationToken)
    {
        var answer = await player.SendAsync(Command, cancellationToken);
        foreach (var (recorded, path) in Ids)
        {
            player.Ids.Learn(recorded, Find(JsonElement.Parse(answer), path.Split('.')));
        }
    }

    private static string Find(JsonElement json, string[] path) => path is []
        ? json.GetString()!
        : Find(json.ValueKind == JsonValueKind.Array ? json[int.Parse(path[0], System.Globalization.CultureInfo.InvariantCulture)] : json.GetProperty(path[0]), path[1..]);
}

/// <summary>Does something that is no request, for instance letting a slow model speak.</summary>
/// <param name="RunAsync">What it does.</param>
internal sealed record ActStep(Func<Player, CancellationToken, Task> RunAsync) : ScenarioStep;
