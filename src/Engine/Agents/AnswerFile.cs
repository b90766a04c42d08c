using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Runs;
using Microsoft.Extensions.Logging;

namespace Cluster.Engine.Agents;

/// <summary>Writes the answer of a run to a file, when the agent wants it. A successor that does it again writes the same.</summary>
/// <param name="services">What the loop works with.</param>
internal sealed partial class AnswerFile(AgentLoopServices services)
{
    private readonly ILogger _logger = services.LoggerOf<AnswerFile>();

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A disk that is full must not take the answer with it.")]
    public async ValueTask WriteAsync(AgentRun run, RunOutput output, CancellationToken cancellationToken)
    {
        if (run.Agent.Output.SaveTo is not { } template || output.Content is not { } content)
        {
            return;
        }

        if (services.AnswerFiles is not { } files)
        {
            LogNowhere(run.Agent.AgentId, run.Request.RunId);
            return;
        }

        try
        {
            await files.WriteAsync(Path(template, run), content.ToString(), cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotWritten(failure, run.Request.RunId);
        }
    }

    private static string Path(string template, AgentRun run) => template
        .Replace("{name}", Segment(run.Agent.Name ?? run.Agent.AgentId), StringComparison.Ordinal)
        .Replace("{session_id}", Segment(run.Request.SessionId), StringComparison.Ordinal)
        .Replace("{run_id}", Segment(run.Request.RunId), StringComparison.Ordinal);

    /// <summary>What callers choose may name a file and never a way to another place.</summary>
    private static string Segment(string value)
    {
        var safe = string.Concat(value.Select(character => char.IsLetterOrDigit(character) || character is '-' or '_' or '.' ? character : '_')).TrimStart('.');
        return safe.Length > 0 ? safe : "_";
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Agent {AgentId} wants the answer of run {RunId} in a file, and this server has no place for answers")]
    private partial void LogNowhere(string agentId, string runId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The answer of run {RunId} could not be written to a file; the run ends without it")]
    private partial void LogNotWritten(Exception failure, string runId);
}
