using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cluster.Engine.Approvals;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Tools;

namespace Cluster.Contract.Tests.Golden;

public sealed class RecordGoldenTests
{
    private static readonly Dictionary<string, (object Value, JsonTypeInfo Type)> Records = new(StringComparer.Ordinal)
    {
        ["RunOutput"] = (Samples.Output, EngineJson.Context.RunOutput),
        ["RunOutput.minimal"] = (new RunOutput { RunId = "run-1" }, EngineJson.Context.RunOutput),
        ["RunOutput.object"] = (new RunOutput { RunId = "run-1", Content = new ContentValue(null, Samples.Json("""{"title":"Alien"}""")), ContentType = "Movie", Tools = [], Events = [] }, EngineJson.Context.RunOutput),
        ["Message"] = (Samples.Message, EngineJson.Context.Message),
        ["Message.minimal"] = (new Message { Id = "message-1", Role = MessageRole.User }, EngineJson.Context.Message),
        ["ToolExecution"] = (Samples.Tool, EngineJson.Context.ToolExecution),
        ["ToolExecution.minimal"] = (new ToolExecution(), EngineJson.Context.ToolExecution),
        ["RunRequirement"] = (Samples.Requirement, EngineJson.Context.RunRequirement),
        ["RunRequirement.minimal"] = (new RunRequirement { Id = "1", CreatedAt = Samples.Requirement.CreatedAt, ToolExecution = new() }, EngineJson.Context.RunRequirement),
        ["RunMetrics"] = (Samples.Metrics, EngineJson.Context.RunMetrics),
        ["RunMetrics.none"] = (RunMetrics.None, EngineJson.Context.RunMetrics),
        ["RunRequest"] = (Samples.Request, EngineJson.Context.RunRequest),
        ["RunRequest.minimal"] = (new RunRequest { RunId = "run-1", SessionId = "session-1", AgentId = "writer", Input = new RunInput { InputContent = "Hi" } }, EngineJson.Context.RunRequest),
        ["Checkpoint"] = (Checkpoints.Take(Samples.Output with { Messages = [Samples.Message with { FromHistory = false }] }, 1).Checkpoint, EngineJson.Context.Checkpoint),
        ["RunContinuation"] = (new RunContinuation("run-1", [Samples.Tool])
        {
            From = ContinuationPoint.At(2),
            Fork = true,
            Regenerate = true,
            ReplaceOriginal = true,
            Input = "Go on",
            AdditionalInstructions = "Shorter",
            NewRunId = "run-2",
            By = "ann",
            ByApproval = true,
            Requirements = [Samples.Requirement],
            Streamed = true,
        }, EngineJson.Context.RunContinuation),
        ["ApprovalRecord"] = (Samples.Approval, EngineJson.Context.ApprovalRecord),
        ["ApprovalRecord.minimal"] = (new ApprovalRecord { Id = "approval-1", RunId = "run-1", SessionId = "session-1" }, EngineJson.Context.ApprovalRecord),
        ["SessionRecord"] = (Samples.Session, EngineJson.Context.SessionRecord),
        ["SessionRecord.minimal"] = (new SessionRecord { SessionId = "session-1" }, EngineJson.Context.SessionRecord),
    };

    public static TheoryData<string> Names => [.. Records.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_stored_record_is_written_as_its_golden_file_says(string name) => GoldenFile.Verify($"records/{name}.json", Write(name));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_stored_record_comes_back_from_its_json_as_it_was(string name)
    {
        var written = Write(name);

        var read = JsonSerializer.Deserialize(written, Records[name].Type);

        Assert.Equal(written, JsonSerializer.Serialize(read, Records[name].Type));
    }

    [Fact]
    public void No_golden_file_is_left_of_a_record_that_is_gone() =>
        Assert.Empty(GoldenFile.Unknown("records", Records.Keys.Select(name => $"{name}.json")));

    [Fact]
    public void A_tool_execution_always_has_its_20_members()
    {
        var members = JsonElement.Parse(JsonSerializer.Serialize(new ToolExecution(), EngineJson.Context.ToolExecution)).GetPropertyCount();

        Assert.Equal(20, members);
    }

    private static string Write(string name) => JsonSerializer.Serialize(Records[name].Value, Records[name].Type);
}
