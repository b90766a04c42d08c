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
        new("sessions of teams are listed", [.. Listed.Select(run => Prepare($"curl -F message={run.Message} -F stream=false {run.Fields} {Root}/teams/{run.Team}/runs")), .. Steps("sessions-list-team")]),
    ];

    /// <summary>The runs whose sessions were listed. The newest session is the first of the list.</summary>
    private static IEnumerable<(string Team, string Fields, string Message)> Listed =>
    [
        ("demo-team", "-F session_id=sess-team-cancel", "Hi"),
        ("demo-team", "-F session_id=sess-team-bgs", "Hi"),
        ("demo-team", "-F session_id=sess-team-bg", "Hi"),
        ("demo-team", string.Empty, "Hi"),
        ("route-team", "-F session_id=sess-route", "Hi"),
        ("demo-team", string.Empty, "Hi"),
        ("demo-team", "-F session_id=sess-team -F user_id=user-1", "Hi"),
        ("demo-team", "-F session_id=sess-team -F user_id=user-1", "Hi"),
        ("confirm-team", "-F session_id=sess-team-cs", "delete"),
        ("confirm-team", "-F session_id=sess-team-c", "delete"),
        ("error-team", string.Empty, "Hi"),
        ("error-team", string.Empty, "Hi"),
    ];
}
