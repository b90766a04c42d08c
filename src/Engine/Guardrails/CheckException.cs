using System.Text.Json;

namespace Cluster.Engine.Guardrails;

/// <summary>A hook or guardrail found a rule broken: the run ends with an error that names the rule.</summary>
public abstract class CheckException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, for the caller.</param>
    /// <param name="trigger">The rule, usually of <see cref="CheckTrigger"/>.</param>
    protected CheckException(string message, string trigger)
        : base(message) => Trigger = trigger;

    /// <summary>Gets the rule that is broken.</summary>
    public string Trigger { get; }

    /// <summary>Gets details, an object; null for none.</summary>
    public JsonElement? AdditionalData { get; init; }

    /// <summary>Gets the kind of failure as run errors name it.</summary>
    public abstract string ErrorType { get; }
}

/// <summary>The input may not be worked on.</summary>
/// <param name="message">What is wrong, for the caller.</param>
/// <param name="trigger">The rule that is broken.</param>
public sealed class InputCheckException(string message, string trigger = CheckTrigger.InputNotAllowed) : CheckException(message, trigger)
{
    /// <summary>The kind of failure as run errors name it.</summary>
    public const string Kind = "input_check_error";

    /// <inheritdoc/>
    public override string ErrorType => Kind;
}

/// <summary>The answer may not be given.</summary>
/// <param name="message">What is wrong, for the caller.</param>
/// <param name="trigger">The rule that is broken.</param>
public sealed class OutputCheckException(string message, string trigger = CheckTrigger.OutputNotAllowed) : CheckException(message, trigger)
{
    /// <inheritdoc/>
    public override string ErrorType => "output_check_error";
}

/// <summary>Rules that guardrails name, as AgentOS does.</summary>
public static class CheckTrigger
{
    /// <summary>The input is about something else.</summary>
    public const string OffTopic = "off_topic";

    /// <summary>The input is not allowed.</summary>
    public const string InputNotAllowed = "input_not_allowed";

    /// <summary>The answer is not allowed.</summary>
    public const string OutputNotAllowed = "output_not_allowed";

    /// <summary>The input does not have the form that it must have.</summary>
    public const string ValidationFailed = "validation_failed";

    /// <summary>The input tries to give the agent other instructions.</summary>
    public const string PromptInjection = "prompt_injection";

    /// <summary>The input holds personal data.</summary>
    public const string PiiDetected = "pii_detected";
}
