namespace Cluster.Engine.Runs;

public sealed partial class RunOwner
{
    /// <summary>The error type of a run that could not be recorded, however often it was tried.</summary>
    private const string GivenUp = "RunGivenUp";

    /// <summary>Ends a run that was tried often enough. What it did is on record up to where it failed; only its end is left to say.</summary>
    private async Task EndWhenGivenUpAsync(CancellationToken stopping)
    {
        if (_services.Attempts.FindEnd(RunId) is { } reason)
        {
            await AppendAsync(State.Mark(new RunError(reason) { ErrorType = GivenUp }, Now), stopping: stopping);
        }
    }
}
