using System.Collections.Concurrent;
using Cluster.Engine.Tools;
using Microsoft.Extensions.Logging;

namespace Cluster.Engine.Agents;

/// <summary>Warns of tools that came with a name which another one has, once for each in the life of a process.</summary>
internal sealed partial class ToolMeetings
{
    private readonly ConcurrentDictionary<(string Agent, ToolMeeting Meeting), bool> _told = new();

    /// <summary>Warns of what nobody was warned of.</summary>
    /// <param name="agentId">The agent that has the tools.</param>
    /// <param name="naming">Their names.</param>
    /// <param name="loggers">Where it is told.</param>
    public void Tell(string agentId, ToolNaming naming, ILoggerFactory loggers)
    {
        foreach (var meeting in naming.Meetings.Where(meeting => _told.TryAdd((agentId, meeting), true)))
        {
            var logger = loggers.CreateLogger<ToolMeetings>();
            if (meeting.NewName is { } name)
            {
                LogRenamed(logger, agentId, meeting.Winner, meeting.Loser, meeting.Name, name);
            }
            else
            {
                LogLeftOut(logger, agentId, meeting.Winner, meeting.Loser, meeting.Name);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Two tools of {Agent} are called {Tool}: that of {Winner} keeps the name, that of {Loser} is called {NewName}")]
    private static partial void LogRenamed(ILogger logger, string agent, string winner, string loser, string tool, string newName);

    [LoggerMessage(LogLevel.Warning, "Two tools of {Agent} are called {Tool}: that of {Winner} is offered, that of {Loser} is not; give one of them another name")]
    private static partial void LogLeftOut(ILogger logger, string agent, string winner, string loser, string tool);
}
