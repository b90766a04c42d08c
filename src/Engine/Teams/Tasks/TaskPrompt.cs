using System.Text;

namespace Cluster.Engine.Teams.Tasks;

/// <summary>What leaders and members are told of tasks; the wording is our own.</summary>
internal static class TaskPrompt
{
    /// <summary>Gives what a leader is told when it looks at its list again.</summary>
    public static string StateOf(TaskList list) =>
        $"<current_task_state>\n{Describe(list)}\n</current_task_state>\n\nGo on with the tasks that are open. When the goal is reached, call mark_all_complete and answer the user.";

    /// <summary>Describes the list.</summary>
    public static string Describe(TaskList list)
    {
        var text = new StringBuilder(list.ToSummary());
        foreach (var task in list.Tasks)
        {
            text.Append("\n- [").Append(TeamTask.ToText(task.Status)).Append("] ").Append(task.Id).Append(": ").Append(task.Title);
            Append(text, " (assignee: ", task.Assignee, ")");
            Append(text, " (after: ", string.Join(", ", task.Dependencies), ")");
            Append(text, "\n  Result: ", task.Result, string.Empty);
            foreach (var note in task.Notes)
            {
                Append(text, "\n  Note: ", note, string.Empty);
            }
        }

        return text.ToString();
    }

    /// <summary>Words a task for the member who works on it, with what came of the tasks before it.</summary>
    public static string TextOf(TaskList list, TeamTask task)
    {
        var text = new StringBuilder(task.Title);
        Append(text, "\n\n", task.Description, string.Empty);
        foreach (var before in task.Dependencies.Select(list.Find).OfType<TeamTask>().Where(before => before.Result is { Length: > 0 }))
        {
            text.Append("\n\n<result_of_task title=\"").Append(before.Title).Append("\">\n").Append(before.Result).Append("\n</result_of_task>");
        }

        foreach (var note in task.Notes)
        {
            Append(text, "\n\nNote: ", note, string.Empty);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, string before, string? value, string after)
    {
        if (!string.IsNullOrEmpty(value))
        {
            text.Append(before).Append(value).Append(after);
        }
    }
}
