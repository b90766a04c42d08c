using System.Collections.Immutable;

namespace Cluster.Contract.Tests.Replay;

/// <summary>Every difference from the recordings that is meant, in one place. <c>docs/compatibility.md</c> holds each reason word for word.</summary>
internal static class ToleratedDifferences
{
    private const string ArgumentSpaces = "The argument text of a scripted tool call is compact JSON; models write it as they like, and it is passed on as written.";
    private const string EmptyMessage = "A run without a message is refused (422) instead of asking the model nothing.";
    private const string BrokenJson = "Broken JSON in `session_state`, `dependencies` or `metadata` is refused (422) instead of dropped without a word.";
    private const string BadVersion = "A `version` that is no number is refused (422) instead of failing (500).";
    private const string UnknownField = "Unknown form fields are ignored, whatever their name; AgentOS fails (500) on `run_context`.";
    private const string ForeignSession = "A run in the session of another user is refused (403) instead of answered and silently not stored.";
    private const string UnknownRun = "Continuing an unknown run or session is answered 404 and changes nothing; AgentOS answers 200 with an error run and stores it in a new session.";
    private const string Answered = "Answers to a run that does not wait for any are refused (409): a tool that has been called is never called again. AgentOS forks the run and calls it.";
    private const string MinimalAnswer = "An answer to a paused run decides about the recorded call; members that it leaves out keep their value. AgentOS replaces the call by the answer and asks again.";
    private const string Rejected = "After a rejection without an answer, the requirement shows the rejected call, as the list of tools does; AgentOS leaves it open.";
    internal const string ToolMetrics = "A tool that was called after a pause has `metrics`; AgentOS only measures calls without one.";
    internal const string Partial = "A cancelled run keeps the text that was streamed; AgentOS adds the piece during which it noticed the cancellation.";
    private const string CancelledPause = "Cancelling a run that waits for a human ends it at once: what it asked for and its approvals are closed, and later answers are refused (409). AgentOS answers the same and lets it wait on.";
    private const string MediaOrder = "Members of uploaded media are always in one order; AgentOS orders those of pictures and of files differently.";
    private const string PythonWords = "Messages that quote a Python error have words of their own.";
    private const string NoWorkflows = "Workflows are not there yet: their list is empty.";
    internal const string OwnWords = "The sentences around instructions, state, schemas, dependencies and history are our own; models may react to them a little differently.";
    private const string Docs = "The page at `/docs` is another one.";
    private const string OtherData = "The recorded session had runs that cannot be repeated yet; only its numbers and its length differ.";

    public static ImmutableArray<Tolerance> All { get; } =
    [
        .. TeamDifferences.All,
        new("*", "*.function.arguments", ArgumentSpaces),
        Instead("agent-run-empty-message", 422, EmptyMessage),
        Instead("agent-run-echo-bad-session-state", 422, BrokenJson),
        Instead("agent-run-bad-version", 422, BadVersion),
        Instead("agent-run-extra-field-run-context", 200, UnknownField),
        Instead("agent-run-session-of-other-user", 403, ForeignSession),
        Instead("hitl-continue-unknown-run", 404, UnknownRun),
        Instead("hitl-continue-unknown-session", 404, UnknownRun),
        Instead("hitl-continue-unknown-session-detail-after", 404, UnknownRun),
        Instead("hitl-confirm-continue-twice", 409, Answered),
        new("hitl-confirm-continue-minimal-tools", "$.*", MinimalAnswer),
        new("hitl-continue-no-tools", "$.requirements[0].tool_execution.*", Rejected),
        new("hitl-confirm-continue", "$.*.metrics", ToolMetrics),
        new("hitl-input-continue", "$.*.metrics", ToolMetrics),
        new("hitl-approval-continue", "$.*.metrics", ToolMetrics),
        new("hitl-confirm-continue-stream", "ToolCallCompleted.tool.metrics", ToolMetrics),
        new("agent-cancel-resume-after", "Run*.content", Partial),
        new("agent-cancel-run-get-after", "$*.content", Partial),
        new("agent-cancel-inline-stream", "Run*.content", Partial),
        new("agent-cancel-inline-run-get-after", "$*.content", Partial),
        new("hitl-cancel-paused-get-after", "$*", CancelledPause),
        new("agent-run-file-text", "$*.files[0]", MediaOrder),
        new("agent-run-file-image", "$*.images[0]", MediaOrder),
        new("hitl-continue-tools-not-objects", "$.detail", PythonWords),
        new("core-info", "$.workflow_count", NoWorkflows),
        new("core-config", "$.workflows", NoWorkflows),
        new("agent-run-output-schema-in-request", "$.messages[0].content", OwnWords),
        new("core-docs", "body", Docs),
        new("session-detail-agent", "$.chat_history", OtherData),
        new("session-detail-agent", "$.total_tokens", OtherData),
        new("session-detail-agent", "$.metrics.*", OtherData),
        new("session-detail-type-mismatch", "$.chat_history*", OtherData),
        new("session-detail-type-mismatch", "$.total_tokens", OtherData),
        new("session-detail-type-mismatch", "$.metrics.*", OtherData),
        new("sessions-list-page-2", "$.meta.total_*", OtherData),
    ];

    /// <summary>Differences that nobody meant, and meant ones that are no longer there: the table must say what is.</summary>
    public static IEnumerable<string> Judge(string recording, IReadOnlyList<Difference> differences)
    {
        var tolerances = All.Where(tolerance => tolerance.IsFor(recording)).ToArray();
        var unmeant = differences.Where(difference => !tolerances.Any(tolerance => tolerance.Covers(difference))).Select(difference => $"{recording} {difference}");
        var gone = tolerances.Where(tolerance => tolerance.IsSpecific && !differences.Any(tolerance.Covers))
            .Select(tolerance => $"{recording} {tolerance.Path}: no longer differs; take it out of {nameof(ToleratedDifferences)}");
        return unmeant.Concat(gone);
    }

    private static Tolerance Instead(string recording, int status, string reason) => new(recording, "$*", reason) { Status = status };
}
