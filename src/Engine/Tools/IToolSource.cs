using System.Collections.Immutable;
using Cluster.Engine.Errors;

namespace Cluster.Engine.Tools;

/// <summary>
/// Where the tools of a toolkit come from when they are not known before somebody is asked, for instance a server. Many runs share one source; whoever owns
/// it disposes of it when no run needs it any more.
/// </summary>
public interface IToolSource : IAsyncDisposable
{
    /// <summary>Gets the tools as they were last heard of, without asking; empty before the first time.</summary>
    ImmutableArray<Tool> Known { get; }

    /// <summary>Asks for the tools. Runs do so before each step that shows or calls tools, so an answer that still holds has to come at once.</summary>
    /// <param name="cancellationToken">Stops waiting; it does not stop others who wait.</param>
    /// <returns>The tools.</returns>
    /// <exception cref="ToolSourceException">There is no answer; the message is shown to users.</exception>
    ValueTask<ImmutableArray<Tool>> LoadAsync(CancellationToken cancellationToken = default);
}

/// <summary>A source of tools cannot be asked now.</summary>
/// <param name="message">What is wrong and what to do; it is shown to users and holds no secret.</param>
/// <param name="innerException">The cause, for the log; null without one.</param>
public sealed class ToolSourceException(string message, Exception? innerException = null) : EngineException(message, innerException)
{
    /// <summary>Gets the server that somebody has to log in to before there are tools; null when that is not what is missing.</summary>
    public Uri? LoginServer { get; init; }

    /// <summary>Gets the page on which the user logs in, to be opened once and soon; null when this process cannot take the answer of a login.</summary>
    public Uri? LoginPage { get; init; }
}
