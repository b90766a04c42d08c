using System.Collections.Immutable;
using static Cluster.Contract.Tests.Replay.ToleratedDifferences;

namespace Cluster.Contract.Tests.Replay;

/// <summary>The differences from the recordings of teams that are meant.</summary>
internal static class TeamDifferences
{
    private const string OwnTools = "The tools of a team's leader are described in our own words, and their schemas do not say `additionalProperties`.";
    private const string NoSessions = "A member has no sessions of its own, so that it shows no `db_id` and no `sessions`: its runs are in the session of its team.";
    private const string MemberState = "The state of a member's run holds no ids of the run itself (`current_user_id`, `current_session_id`, `current_run_id`), as that of an agent's run does not.";
    private const string TeamState = "A team's run always has `session_state`, as an agent's has; AgentOS leaves it out of runs that were completed at once.";
    private const string Broadcast = "What members answer to a broadcast is told to the leader as `Agent NAME: …` for each of them; AgentOS leaves the names out when the run is streamed.";
    private const string MemberTools = "Members in `member_responses` have `tools` only when they called some.";
    private const string MemberEvents = "Members in the `member_responses` of a stored event are shown without `events`.";

    private const string ChildRun = "`child_run_id` of a call that handed a task to one member always names the member's run; AgentOS leaves it out when the run is not streamed.";
    private const string Failed = "A member that failed is among `member_responses` also when the run is streamed; AgentOS leaves it out.";
    private const string OpenCall = "While a team is paused, the call that waits for its member has no result among `messages` yet.";
    private const string Resolved = "After a pause the leader is told what the member answered as if there had been none; AgentOS words it in another way then.";
    private const string MemberAnswer = "The run of a member shows a human's answer in the call of its requirement only, as an agent's run does; who the member is stands in that of the team.";
    private const string Kept = "What a team waited for stays in its `requirements` with the answer, as in an agent's run; AgentOS empties the list.";
    private const string PauseText = "A team that pauses always lists what it waits for; AgentOS words it in another way when the run is streamed.";
    private const string LastMessage = "What members had answered is the `content` of a cancelled team; AgentOS writes it into the leader's last message, too.";
    private const string Costs = "A team's session is charged for every model call once; AgentOS charges what was before a pause again.";

    public static ImmutableArray<Tolerance> All { get; } =
    [
        new("teams-list", "$[*].tools.tools[0].*", OwnTools),
        new("team-detail-*", "$.tools.tools[0].*", OwnTools),
        new("teams-list", "$[2].members[0].db_id", NoSessions),
        new("teams-list", "$[2].members[0].sessions", NoSessions),
        new("team-detail-confirm-team", "$.members[0].db_id", NoSessions),
        new("team-detail-confirm-team", "$.members[0].sessions", NoSessions),
        new("team-*", "*session_state.current_*_id", MemberState),
        new("team-runs-list", "*session_state.current_*_id", MemberState),
        new("session-runs-team", "*session_state.current_*_id", MemberState),
        new("team-run*", "$.session_state", TeamState),
        new("team-*", "TeamRunCompleted.session_state", TeamState),
        new("team-runs-list", "$[*].session_state", TeamState),
        new("session-runs-team", "$[*].session_state", TeamState),
        new("team-*", "$.messages[0].content", OwnWords),
        new("team-runs-list", "$[*].messages[0].content", OwnWords),
        new("session-runs-team", "$[*].messages[0].content", OwnWords),
        new("team-*", "TeamToolCallCompleted.tool.result", Broadcast),
        new("team-runs-list", "$[1].*.result", Broadcast),
        new("team-runs-list", "$[1].messages[3].content", Broadcast),
        new("session-runs-team", "$[5].*.result", Broadcast),
        new("session-runs-team", "$[5].messages[3].content", Broadcast),
        new("team-run*", "$.member_responses[*].tools", MemberTools),
        new("team-runs-list", "$[1].events[*].member_responses[*].events", MemberEvents),
        new("team-cancel-run-get-after", "$.events[*].member_responses[*].events", MemberEvents),
        new("team-confirm-continue-stream", "TeamRunCompleted.member_responses[*].events", MemberEvents),
        new("team-run-route", "$.tools[0].child_run_id", ChildRun),
        new("team-confirm-*", "$.tools[0].child_run_id", ChildRun),
        new("team-confirm-*", "$.events[*].tools[0].child_run_id", ChildRun),
        new("team-run-member-error-stream", "TeamRunContent.content", Broadcast),
        new("team-run-member-error-stream", "TeamRunCompleted.content", Broadcast),
        new("team-run-member-error-stream", "TeamRunCompleted.member_responses", Failed),
        new("team-cancel-resume-after", "Run*.content", Partial),
        new("team-cancel-resume-after", "RunCompleted.metrics.time_to_first_token", Partial),
        new("team-cancel-resume-after", "TeamRunCompleted.member_responses[1].content", Partial),
        new("team-cancel-resume-after", "TeamRunCompleted.member_responses[1].messages", Partial),
        new("team-cancel-resume-after", "TeamRunCompleted.member_responses[1].metrics.time_to_first_token", Partial),
        new("team-cancel-run-get-after", "$*.content", Partial),
        new("team-cancel-run-get-after", "$*.metrics.time_to_first_token", Partial),
        new("team-cancel-run-get-after", "$*.member_responses[1].messages", Partial),
        new("team-cancel-run-get-after", "$.messages[2].content", LastMessage),
        new("team-confirm-pause", "$.messages", OpenCall),
        new("team-confirm-continue-no-requirements", "$.messages", OpenCall),
        new("team-confirm-continue", "$.messages[3].content", Resolved),
        new("team-confirm-continue", "$.tools[0].result", Resolved),
        new("team-confirm-continue", "$.requirements", Kept),
        new("team-confirm-continue", "$.member_responses[0].requirements[0].confirmation", MemberAnswer),
        new("team-confirm-continue", "$.member_responses[0].requirements[0].member_*", MemberAnswer),
        new("team-confirm-continue", "$.member_responses[0].*.metrics", ToolMetrics),
        new("team-confirm-pause-stream", "TeamRunPaused.content", PauseText),
        new("team-confirm-continue-stream", "TeamRunCompleted.member_responses[0].requirements[0].confirmation", MemberAnswer),
        new("team-confirm-continue-stream", "TeamRunCompleted.member_responses[0].requirements[0].member_*", MemberAnswer),
        new("team-confirm-continue-stream", "*.metrics", ToolMetrics),
        new("sessions-list-team", "$.data[2].metrics.*", Costs),
        new("sessions-list-team", "$.data[2].total_tokens", Costs),
        new("sessions-list-team", "$.data[3].metrics.*", Costs),
        new("sessions-list-team", "$.data[3].total_tokens", Costs),
    ];
}
