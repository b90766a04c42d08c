namespace Cluster.Engine.Outputs;

/// <summary>Where answers are written for people and programs that look for files.</summary>
public interface IAnswerFiles
{
    /// <summary>Writes an answer; one that is there already is replaced, so that writing it twice is the same as writing it once.</summary>
    /// <param name="path">The path below the place for answers, with slashes.</param>
    /// <param name="text">The answer.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    /// <returns>A task that ends when the answer is there.</returns>
    ValueTask WriteAsync(string path, string text, CancellationToken cancellationToken = default);
}
