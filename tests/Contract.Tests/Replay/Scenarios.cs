using System.Collections.Immutable;

namespace Cluster.Contract.Tests.Replay;

/// <summary>The recorded exchanges in the order in which they depend on each other. Each scenario has a server of its own.</summary>
internal static class Scenarios
{
    internal const string Root = "http://127.0.0.1:7777";

    public static ImmutableArray<Scenario> All { get; } = [.. Alone(), .. Sessions(), .. Streams(), .. Pauses(), .. TeamScenarios.All];

    private static IEnumerable<Scenario> Alone() =>
    [
        new("the server presents itself", Steps("core-root", "core-health", "core-head-health", "core-info", "core-config", "core-models", "core-unknown-path", "core-docs")),
        new("browsers are told who may ask", Steps("core-cors-get", "core-cors-preflight", "core-cors-preflight-foreign-origin")),
        new("agents are listed", Steps(
            "agents-list", "core-trailing-slash", "agent-detail-echo-agent", "agent-detail-tool-agent", "agent-detail-confirm-agent", "agent-detail-input-agent",
            "agent-detail-external-agent", "agent-detail-history-agent", "agent-detail-schema-agent", "agent-detail-unknown")),
        new("runs take forms", Steps(
            "agent-run-echo-urlencoded", "agent-run-echo-unknown-field", "agent-run-null-and-bool-fields", "agent-run-extra-field-run-context", "agent-run-echo-stream-default",
            "agent-run-echo-stream-no-events", "agent-run-stream-unicode", "agent-run-output-schema-stream", "agent-run-output-schema-in-request")),
        new("runs refuse what they cannot read", Steps(
            "agent-run-missing-message", "agent-run-empty-message", "agent-run-no-body", "agent-run-json-body", "agent-run-bad-bool", "agent-run-bad-version",
            "agent-run-echo-bad-session-state", "agent-run-unknown-agent-stream")),
        new("runs take files", Steps("agent-run-file-text", "agent-run-file-image", "agent-run-file-unsupported")),
        new("models fail", Steps("agent-run-model-error", "agent-run-model-error-stream")),
    ];

    private static IEnumerable<Scenario> Sessions() =>
    [
        new("a session is made, changed and deleted", Steps(
            "session-create", "session-create-duplicate", "session-create-empty", "session-create-no-body", "session-create-bad-json", "session-rename", "session-rename-unknown",
            "session-rename-missing-name", "session-patch", "session-patch-unknown", "session-delete", "session-delete-unknown", "session-detail-deleted",
            "sessions-delete-many-mismatch", "session-detail-unknown", "session-runs-unknown")),
        new("a session has runs",
        [
            FirstEcho,
            .. Steps(
                "agent-run-echo-second-in-session", "agent-runs-list", "agent-runs-list-status", "agent-runs-list-no-session-param", "agent-runs-list-unknown-session",
                "agent-run-get", "agent-run-get-no-session", "agent-run-get-unknown", "agent-run-session-of-other-user", "session-detail-agent"),
        ]),
        new("a run is gone on with",
        [
            FirstEcho,
            .. Steps("agent-run-echo-second-in-session", "agent-run-checkpoints", "agent-run-checkpoint-1", "agent-continue-completed-with-input"),
            Prepare($"curl -F session_id=sess-echo -F stream=false {Root}/agents/echo-agent/runs/f072e5fb-927d-4c37-bc65-0fda1ba53e6b/continue"),
            .. Steps("agent-continue-regenerate", "agent-continue-fork", "session-detail-type-mismatch"),
        ]),
        new("a session with tools", Steps("agent-run-tool", "agent-run-tool-stream", "session-runs-agent", "session-run-get", "session-detail-other-user")),
        new("a session remembers", Steps("agent-run-history-1", "agent-run-history-2")),
        new("sessions are listed",
        [
            FirstEcho,
            .. Steps(
                "agent-run-echo-urlencoded", "agent-run-echo-stream", "agent-run-echo-stream-default", "agent-run-echo-state-deps-metadata", "session-runs-agent-stream", "sessions-list-page-2",
                "sessions-list-user", "sessions-list-name", "sessions-list-bad-type", "sessions-list-bad-limit", "sessions-list-unknown-db"),
        ]),
    ];

    private static IEnumerable<Scenario> Streams() =>
    [
        new("a run in the background is polled",
        [
            new ReplayStep("agent-run-background"),
            new ActStep((player, cancellationToken) => player.SendAsync(
                $"curl -F session_id=sess-bg {Root}/agents/echo-agent/runs/6d81273b-f406-4790-82c3-11d57792590b/resume", cancellationToken)),
            .. Steps("agent-run-background-poll-early", "agent-run-background-poll-done"),
        ]),
        new("a stream is taken up again", Steps("agent-run-background-stream", "agent-run-resume-from-buffer", "agent-run-resume-unknown-run", "agent-run-resume-unknown-agent")),
        new("a stream is taken up again while its run is at work",
        [
            new ActStep(LeaveSlowRunAfterSevenFramesAsync),
            new ReplayStep("agent-run-resume-while-running") { AfterFrame = { [1] = (player, cancellationToken) => player.Clock.StepAsync(15, cancellationToken) } },
        ]),
        new("a run in the background is cancelled",
        [
            new ReplayStep("agent-cancel-background-start")
            {
                LeaveAfter = 6,
                AfterFrame = { [2] = (player, cancellationToken) => player.Clock.StepAsync(4, cancellationToken) },
            },
            new ReplayStep("agent-cancel-resume-after")
            {
                RunId = "0ca010d0-e747-4bac-9102-e2cdbb7ecaa4",
                AfterFrame = { [8] = (player, cancellationToken) => CancelAsync(player, "0ca010d0-e747-4bac-9102-e2cdbb7ecaa4", cancellationToken) },
            },
            .. Steps("agent-cancel-run-get-after", "agent-cancel-again", "agent-cancel-unknown-run", "agent-cancel-unknown-agent"),
        ]),
        new("a run is cancelled while it is streamed",
        [
            new ReplayStep("agent-cancel-inline-stream")
            {
                RunId = "1da01063-0170-413a-aac9-f36dedf66509",
                AfterFrame =
                {
                    [2] = (player, cancellationToken) => player.Clock.StepAsync(3, cancellationToken),
                    [5] = (player, cancellationToken) => CancelAsync(player, "1da01063-0170-413a-aac9-f36dedf66509", cancellationToken),
                },
            },
            new ReplayStep("agent-cancel-inline-run-get-after"),
        ]),
        new("a client leaves a stream", [new ActStep(DropSlowRunAsync), new ReplayStep("agent-stream-client-disconnect-session-after")]),
    ];

    private static IEnumerable<Scenario> Pauses() =>
    [
        new("a run waits for a confirmation", Steps("hitl-confirm-pause", "hitl-confirm-get-paused", "hitl-confirm-continue", "hitl-confirm-continue-twice")),
        new("a run is confirmed and streamed", Pause("sess-confirm2", "589ed613-92e2-4c6b-a67d-0be93c8a7c83", "call_2dc0edf722c24554914ed5f4"), new ReplayStep("hitl-confirm-continue-stream")),
        new("a confirmation names as little as it can", Steps("hitl-confirm-pause-minimal", "hitl-confirm-continue-minimal-tools")),
        new("a run is rejected", Steps("hitl-reject-pause", "hitl-reject-continue")),
        new("a run waits for input",
            Prepare(
                $"curl -F message=mail -F stream=false -F session_id=sess-input {Root}/agents/input-agent/runs",
                ("119c5cdc-3577-4f97-98c0-33d382d2c8e4", "run_id"), ("call_a263eafdc9404c0fadb508fc", "tools.0.tool_call_id")),
            new ReplayStep("hitl-input-continue")),
        new("a run waits for a result from outside", Steps("hitl-external-pause", "hitl-external-continue")),
        new("a run waits for an approval",
        [
            .. Steps(
                "hitl-approval-pause", "approvals-list", "approvals-list-filtered", "approvals-count", "approval-status", "approval-get-unknown", "hitl-approval-continue-unresolved", "approval-resolve-bad-status",
                "approval-resolve", "approval-resolve-twice", "hitl-approval-continue", "approval-get-after", "approval-delete"),
        ]),
        new("an approval is rejected", Steps("hitl-approval-reject-pause", "approval-resolve-rejected", "hitl-approval-continue-rejected")),
        new("a run refuses answers that it cannot read", Steps(
            "hitl-errors-pause", "hitl-continue-bad-json", "hitl-continue-tools-not-objects", "hitl-continue-no-session", "hitl-continue-unknown-run", "hitl-continue-unknown-run-stream",
            "hitl-continue-unknown-session", "hitl-continue-unknown-session-detail-after", "hitl-continue-unknown-agent", "hitl-continue-no-tools")),
        new("a paused run leaves its session open", Steps("hitl-errors2-pause", "hitl-errors3-pause", "hitl-new-run-in-paused-session", "hitl-errors4-pause", "hitl-cancel-paused", "hitl-cancel-paused-get-after")),
    ];

    private static PrepareStep FirstEcho => Prepare(
        $"curl -F message=Hi -F stream=false -F session_id=sess-echo -F user_id=user-1 {Root}/agents/echo-agent/runs", ("f072e5fb-927d-4c37-bc65-0fda1ba53e6b", "run_id"));

    private static PrepareStep Pause(string session, string runId, string callId) => Prepare(
        $"curl -F 'message=delete it' -F stream=false -F session_id={session} {Root}/agents/confirm-agent/runs", (runId, "run_id"), (callId, "tools.0.tool_call_id"));

    internal static PrepareStep Prepare(string command, params (string Recorded, string Path)[] ids) => new(command) { Ids = ids.ToDictionary(id => id.Recorded, id => id.Path) };

    internal static ScenarioStep[] Steps(params string[] recordings) => [.. recordings.Select(recording => new ReplayStep(recording))];

    private static Task<string> CancelAsync(Player player, string recordedRunId, CancellationToken cancellationToken) =>
        player.SendAsync($"curl -X POST {Root}/agents/slow-agent/runs/{recordedRunId}/cancel", cancellationToken);

    /// <summary>Seven frames are the two of the beginning and five words.</summary>
    private static async Task LeaveSlowRunAfterSevenFramesAsync(Player player, CancellationToken cancellationToken)
    {
        var start = player.StreamAsync(
            $"curl -F message=Hi -F stream=true -F background=true -F session_id=sess-bg3 {Root}/agents/slow-agent/runs", 7, "42272942-d1f9-486a-878c-5870c8ce87d0", cancellationToken);
        await player.Clock.StepAsync(5, cancellationToken);
        await start;
    }

    private static async Task DropSlowRunAsync(Player player, CancellationToken cancellationToken)
    {
        var start = player.StreamAsync(
            $"curl -F message=Hi -F stream=true -F session_id=sess-drop {Root}/agents/slow-agent/runs", 3, "ca81615b-11b5-402a-a02f-f98cd286163c", cancellationToken);
        await player.Clock.StepAsync(1, cancellationToken);
        await start;
        await player.Clock.StepAsync(19, cancellationToken);
        await player.SendAsync($"curl -F session_id=sess-drop {Root}/agents/slow-agent/runs/ca81615b-11b5-402a-a02f-f98cd286163c/resume", cancellationToken);
    }
}
