using System.Collections.Immutable;
using static Cluster.Contract.Tests.Replay.Scenarios;

namespace Cluster.Contract.Tests.Replay;

/// <summary>The recorded exchanges with teams.</summary>
internal static class TeamScenarios
{
    private const string Cancelled = "93a47572-4609-455e-a1b7-5c9652fa948f";

    public static ImmutableArray<Scenario> All { get; } =
    [
        new("teams are listed", Steps("teams-list", "team-detail-demo-team", "team-detail-route-team", "team-detail-confirm-team", "team-detail-unknown")),
        new("a team works", Steps(
            "team-run", "team-run-stream", "team-runs-list", "team-run-get-unknown", "session-detail-team", "session-runs-team", "session-create-team", "team-run-missing-message",
            "team-cancel-unknown-run", "team-cancel-unknown-team")),
        new("a leader picks a member", Steps("team-run-route", "team-run-route-stream")),
        new("a team is streamed without its events", Steps("team-run-stream-no-events")),
        new("a team works in the background", Steps("team-run-background", "team-run-background-stream", "team-run-resume")),
        new("a member fails", Steps("team-run-member-error", "team-run-member-error-stream")),
        new("a team is cancelled",
        [
            new ReplayStep("team-cancel-start")
            {
                LeaveAfter = 15,
                RunId = Cancelled,
                AfterFrame = { [8] = (player, cancellationToken) => player.Clock.EndShortestAsync(2, cancellationToken) },
            },
            new ReplayStep("team-cancel-resume-after")
            {
                AfterFrame = { [17] = (player, cancellationToken) => player.SendAsync($"curl -X POST {Root}/teams/slow-team/runs/{Cancelled}/cancel", cancellationToken) },
            },
            .. Steps("team-cancel", "team-cancel-run-get-after"),
        ]),
        new("a team waits for a member's confirmation", Steps("team-confirm-pause", "team-confirm-continue-no-requirements", "team-confirm-continue")),
        new("a team is confirmed and streamed", Steps("team-confirm-pause-stream", "team-confirm-continue-stream")),
        new("sessions of teams are listed",
        [
            new ActStep(CancelSlowTeamAsync),
            .. Listed.Select(run => Prepare($"curl -F message=Hi -F stream=false {run.Fields} {Root}/teams/{run.Team}/runs")),
            .. Confirm("sess-team-cs", "708b9b1a-74a5-4ac3-b85d-6a36b6da506f", "6f14dbcb-9f74-457f-baf7-f0c4d6f93616", "call_2a497bf95edb409489a390af"),
            .. Confirm("sess-team-c", "226c68f1-6604-40ce-b730-b577fdf9b576", "ad6a2e15-5ed8-4ebd-9905-e94f27b45675", "call_15f7887f25ba481aaa7fe36e"),
            Fail,
            Fail,
            .. Steps("sessions-list-team"),
        ]),
    ];

    private static PrepareStep Fail => Prepare($"curl -F message=Hi -F stream=false {Root}/teams/error-team/runs");

    /// <summary>The runs whose sessions were listed. The newest session is the first of the list.</summary>
    private static IEnumerable<(string Team, string Fields)> Listed =>
    [
        ("demo-team", "-F session_id=sess-team-bgs"),
        ("demo-team", "-F session_id=sess-team-bg"),
        ("demo-team", string.Empty),
        ("route-team", "-F session_id=sess-route"),
        ("route-team", "-F session_id=sess-route"),
        ("demo-team", string.Empty),
        ("demo-team", "-F session_id=sess-team -F user_id=user-1"),
        ("demo-team", "-F session_id=sess-team -F user_id=user-1"),
    ];

    private static IEnumerable<ScenarioStep> Confirm(string session, string runId, string requirementId, string callId) =>
    [
        Prepare(
            $"curl -F message=delete -F stream=false -F session_id={session} {Root}/teams/confirm-team/runs",
            (runId, "run_id"), (requirementId, "requirements.0.id"), (callId, "requirements.0.tool_execution.tool_call_id")),
        Prepare(
            $$"""curl -F 'requirements=[{"id":"{{requirementId}}","created_at":"2026-11-20T07:39:59.826534+00:00","tool_execution":{"tool_call_id":"{{callId}}"},"confirmation":true}]' """
            + $"-F stream=false -F session_id={session} {Root}/teams/confirm-team/runs/{runId}/continue"),
    ];

    /// <summary>The first member answers, and the second one is stopped before it says a word.</summary>
    private static async Task CancelSlowTeamAsync(Player player, CancellationToken cancellationToken)
    {
        var start = player.StreamAsync(
            $"curl -F message=Hi -F stream=true -F background=true -F session_id=sess-team-cancel {Root}/teams/slow-team/runs", 15, Cancelled, cancellationToken);
        await player.Clock.EndShortestAsync(2, cancellationToken);
        await start;
        await player.SendAsync($"curl -X POST {Root}/teams/slow-team/runs/{Cancelled}/cancel", cancellationToken);
        await player.SendAsync($"curl -F session_id=sess-team-cancel {Root}/teams/slow-team/runs/{Cancelled}/resume", cancellationToken);
    }
}
