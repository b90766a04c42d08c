namespace Cluster.Api.Docs;

/// <summary>The bodies that endpoints read.</summary>
internal static class FormDescriptions
{
    public static FieldDescription IdempotencyKey { get; } =
        new("Idempotency-Key", "A run is started once, however often it is asked for with the same key of 1 to 255 characters.");

    public static FieldDescription LastEventId { get; } =
        new("Last-Event-ID", "The last event that was seen, as the id lines of streams tell it; last_event_index wins.", FieldKind.Number);

    public static BodyDescription Run { get; } = new(
        new FieldDescription("message", "What is asked of the agent or team.") { IsRequired = true },
        new FieldDescription("stream", "Whether the answer is a stream of events.", FieldKind.Flag) { Default = "true" },
        new FieldDescription("background", "Whether nobody waits: 202 without a stream, indexed events with one.", FieldKind.Flag) { Default = "false" },
        new FieldDescription("session_id", "The session; a new one when it is left out."),
        new FieldDescription("user_id", "The user on whose behalf it runs."),
        new FieldDescription("files", "Pictures, sounds, videos and documents.", FieldKind.Files),
        new FieldDescription("version", "The version of a stored definition.", FieldKind.Number),
        new FieldDescription("session_state", "Session state to lay over what the session has: a JSON object."),
        new FieldDescription("dependencies", "Values for templates and tools: a JSON object."),
        new FieldDescription("metadata", "What to attach to the run: a JSON object."),
        new FieldDescription("images", "Pictures by url or content: a JSON array."),
        new FieldDescription("audio", "Sounds by url or content: a JSON array."),
        new FieldDescription("videos", "Videos by url or content: a JSON array."),
        new FieldDescription("input_files", "Files by url or content: a JSON array."),
        new FieldDescription("add_history_to_context", "Whether the model is shown earlier runs.", FieldKind.Flag),
        new FieldDescription("add_dependencies_to_context", "Whether the model is shown the dependencies.", FieldKind.Flag),
        new FieldDescription("add_session_state_to_context", "Whether the model is shown the session state.", FieldKind.Flag),
        new FieldDescription("output_schema", "The JSON schema of the answer: a JSON object."),
        new FieldDescription("model_parameters", "Settings of model calls, temperature, top_p, max_tokens, seed and stop: a JSON object."),
        new FieldDescription("stream_events", "Whether a stream holds all events, or the answer only.", FieldKind.Flag) { Default = "true" },
        new FieldDescription("when_busy", "What a busy session does with the run: queue, reject or interrupt.") { Default = "\"queue\"" });

    public static BodyDescription Continue { get; } = new(
        new FieldDescription("tools", "The tool calls of the paused run with the answers filled in: a JSON array. Without any, the decision of an approval counts, and a team waits on."),
        new FieldDescription("requirements", "What the paused run requires with the answers filled in, in place of tools: a JSON array. A team takes a part of them, too."),
        new FieldDescription("input", "What the user says next."),
        new FieldDescription("continue_from", "Up to where the run's messages are kept: end, last_user or a number of messages.") { Default = "\"end\"" },
        new FieldDescription("fork", "Whether a new run goes on.", FieldKind.Flag) { Default = "false" },
        new FieldDescription("regenerate", "Whether a new run gives the answer anew.", FieldKind.Flag) { Default = "false" },
        new FieldDescription("replace_original", "Whether the regenerated run leaves the history; true when it is left out.", FieldKind.Flag),
        new FieldDescription("additional_instructions", "How the answer should be given; it excludes input."),
        new FieldDescription("session_id", "The run's session.") { IsRequired = true },
        new FieldDescription("user_id", "The user on whose behalf it runs."),
        new FieldDescription("stream", "Whether the answer is a stream of events.", FieldKind.Flag) { Default = "true" },
        new FieldDescription("background", "Whether the events of the stream carry their index.", FieldKind.Flag) { Default = "false" },
        new FieldDescription("stream_events", "Whether a stream holds all events, or the answer only.", FieldKind.Flag) { Default = "true" });

    public static BodyDescription ResolveApproval { get; } = new(
        new FieldDescription("status", "The decision: approved or rejected.") { IsRequired = true },
        new FieldDescription("resolved_by", "Who decides."),
        new FieldDescription("resolution_data", "What comes with the decision: values for user input, the result of a call made outside, or anything.", FieldKind.Object));

    public static BodyDescription Resume { get; } = new(
        new FieldDescription("last_event_index", "The last event that was seen; all when it is left out.", FieldKind.Number),
        new FieldDescription("session_id", "The run's session."));

    public static BodyDescription CreateSession { get; } = new(
        new FieldDescription("session_id", "The id; a new one when it is left out."),
        new FieldDescription("session_name", "The name."),
        new FieldDescription("session_state", "The state that it starts with.", FieldKind.Object),
        new FieldDescription("metadata", "What to attach to it.", FieldKind.Object),
        new FieldDescription("user_id", "The user that it belongs to."),
        new FieldDescription("agent_id", "The agent that it belongs to."),
        new FieldDescription("team_id", "The team that it belongs to."),
        new FieldDescription("workflow_id", "The workflow that it belongs to."));

    public static BodyDescription UpdateSession { get; } = new(
        new FieldDescription("session_name", "The new name."),
        new FieldDescription("session_state", "The new state; it replaces the old one.", FieldKind.Object),
        new FieldDescription("metadata", "What is attached from now on; it replaces what was.", FieldKind.Object));

    public static BodyDescription RenameSession { get; } = new(
        new FieldDescription("session_name", "The new name.") { IsRequired = true });

    public static BodyDescription DeleteSessions { get; } = new(
        new FieldDescription("session_ids", "The sessions.", FieldKind.Texts) { IsRequired = true },
        new FieldDescription("session_types", "Their kinds, in the same order: agent, team or workflow.", FieldKind.Texts) { IsRequired = true });
}
