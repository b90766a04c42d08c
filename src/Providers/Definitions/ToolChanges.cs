using System.Collections.Immutable;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Definitions;

/// <summary>How an agent offers a tool, where that differs from how the tool is registered; null leaves it.</summary>
internal sealed record ToolChanges
{
    private bool? RequiresConfirmation { get; init; }

    private bool? RequiresUserInput { get; init; }

    /// <summary>Gets the arguments to ask a human for; empty for all.</summary>
    private ImmutableArray<string> UserInputFields { get; init; } = [];

    private bool? ExternalExecution { get; init; }

    private bool? StopAfterCall { get; init; }

    private ToolEffect? Effect { get; init; }

    private bool? ShowResult { get; init; }

    private bool? ExternalExecutionSilent { get; init; }

    private ApprovalType? ApprovalType { get; init; }

    private TimeSpan? ApprovalTimeout { get; init; }

    private TimeSpan? CacheFor { get; init; }

    private TimeSpan? Timeout { get; init; }

    /// <summary>Reads the changes.</summary>
    /// <param name="options">The mapping that names the tool.</param>
    /// <param name="tools">The tools that it stands for; null while nobody knows them.</param>
    public static ToolChanges Read(YamlMap options, IEnumerable<Tool>? tools) => new()
    {
        RequiresConfirmation = options.OptionalFlag("requires_confirmation"),
        RequiresUserInput = options.OptionalFlag("requires_user_input"),
        UserInputFields = ReadFields(options, tools),
        ExternalExecution = options.OptionalFlag("external_execution"),
        StopAfterCall = options.OptionalFlag("stop_after_tool_call"),
        ShowResult = options.OptionalFlag("show_result"),
        ExternalExecutionSilent = options.OptionalFlag("external_execution_silent"),
        ApprovalType = ReadApprovalType(options),
        ApprovalTimeout = options.PositiveSeconds("approval_timeout"),
        CacheFor = options.PositiveSeconds("cache_ttl"),
        Timeout = options.PositiveSeconds("timeout"),
        Effect = options.Text("effect") switch
        {
            null => null,
            "pure" => ToolEffect.Pure,
            "keyed" => ToolEffect.Keyed,
            "once" => ToolEffect.Once,
            var other => throw options.Error(options.Node("effect")!, $"'{other}' is no effect of a tool. Write pure, keyed or once."),
        },
    };

    /// <summary>Gives the options of one of the tools.</summary>
    public ToolOptions Apply(Tool tool) => tool.Options with
    {
        RequiresConfirmation = RequiresConfirmation ?? tool.Options.RequiresConfirmation,
        UserInputFields = ToUserInput(tool),
        ExternalExecution = ExternalExecution ?? tool.Options.ExternalExecution,
        StopAfterCall = StopAfterCall ?? tool.Options.StopAfterCall,
        Effect = Effect ?? tool.Options.Effect,
        ShowResult = ShowResult ?? tool.Options.ShowResult,
        ExternalExecutionSilent = ExternalExecutionSilent ?? tool.Options.ExternalExecutionSilent,
        ApprovalType = ApprovalType ?? tool.Options.ApprovalType,
        ApprovalTimeout = ApprovalTimeout ?? tool.Options.ApprovalTimeout,
        CacheFor = CacheFor ?? tool.Options.CacheFor,
        Timeout = Timeout ?? tool.Options.Timeout,
    };

    private static ApprovalType? ReadApprovalType(YamlMap options) => options.Text("approval_type") switch
    {
        null => null,
        "required" => Engine.Tools.ApprovalType.Required,
        "audit" when Asks(options) => Engine.Tools.ApprovalType.Audit,
        "audit" => throw options.Error(
            options.Node("approval_type")!, "An audit needs something to decide about. Add requires_confirmation, requires_user_input or external_execution."),
        var other => throw options.Error(options.Node("approval_type")!, $"'{other}' is no type of approvals. Write required or audit."),
    };

    private static bool Asks(YamlMap options) =>
        options.OptionalFlag("requires_confirmation") == true || options.OptionalFlag("requires_user_input") == true
        || options.OptionalFlag("external_execution") == true || !options.Texts("user_input_fields").IsEmpty;

    private static ImmutableArray<string> ReadFields(YamlMap options, IEnumerable<Tool>? tools)
    {
        var fields = options.Texts("user_input_fields");
        if (fields.IsEmpty)
        {
            return fields;
        }

        var place = options.Node("user_input_fields")!;
        var known = tools is null ? [.. fields] : tools.SelectMany(ArgumentsOf).Distinct(StringComparer.Ordinal).ToArray();
        return options.OptionalFlag("requires_user_input") == false
            ? throw options.Error(place, "'user_input_fields' names arguments, and 'requires_user_input' asks for none. Take one of them away.")
            : fields.FirstOrDefault(field => !known.Contains(field, StringComparer.Ordinal)) is { } wrong
                ? throw options.Error(place, $"'user_input_fields' names the unknown argument '{wrong}'. {YamlError.Suggest(wrong, known)}")
                : fields;
    }

    private static IEnumerable<string> ArgumentsOf(Tool tool) =>
        tool.AllParameters.TryGetProperty("properties", out var properties) ? properties.EnumerateObject().Select(property => property.Name) : [];

    /// <summary>Of a toolkit, only the tools that have one of the arguments ask for it.</summary>
    private ImmutableArray<string>? ToUserInput(Tool tool)
    {
        if (UserInputFields.IsEmpty)
        {
            return RequiresUserInput switch { true => [], false => null, null => tool.Options.UserInputFields };
        }

        var own = UserInputFields.Intersect(ArgumentsOf(tool), StringComparer.Ordinal).ToImmutableArray();
        return own.IsEmpty ? null : own;
    }
}
