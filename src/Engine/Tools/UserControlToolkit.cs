using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Cluster.Engine.Tools;

/// <summary>Lets a model turn to the user in the middle of a run: the run pauses with its questions and goes on with the answers.</summary>
public static class UserControlToolkit
{
    private const string Guidance =
        "Ask the user when you lack something that only they can tell. Use get_user_input for values that you need filled in, all of them in one call, and "
        + "ask_user for a choice between a few options. Ask for nothing that the conversation already says, and do not ask twice.";

    /// <summary>Makes the toolkit <c>user_control_flow</c> with the tools <c>get_user_input</c> and <c>ask_user</c>.</summary>
    /// <param name="instructions">What models are told about it; null for the built-in text.</param>
    /// <returns>The toolkit.</returns>
    public static Toolkit Create(string? instructions = null) => new()
    {
        Name = "user_control_flow",
        Instructions = instructions ?? Guidance,
        Tools =
        [
            Tool.Create(GetUserInput, new ToolOptions { Effect = ToolEffect.Pure, Question = UserQuestion.Input }),
            Tool.Create(AskUser, new ToolOptions { Effect = ToolEffect.Pure, Question = UserQuestion.Feedback }),
        ],
    };

    [Description("Asks the user to fill in values. The run waits until they are there.")]
    private static string GetUserInput([Description("The values to ask for.")] IReadOnlyList<InputField> user_input_fields) => throw NeverCalled(user_input_fields.Count);

    [Description("Asks the user to choose. The run waits until every question is answered.")]
    private static string AskUser([Description("The questions to ask.")] IReadOnlyList<Question> questions) => throw NeverCalled(questions.Count);

    private static InvalidOperationException NeverCalled(int count) => new($"The user answers the {count} questions; nobody calls this.");

    private sealed record InputField(
        [property: JsonPropertyName("field_name"), Description("The value's name.")] string FieldName,
        [property: JsonPropertyName("field_type"), Description("Its type: str, int, float, bool, list or dict.")] string FieldType,
        [property: JsonPropertyName("field_description"), Description("What it is for.")] string FieldDescription);

    private sealed record Question(
        [property: JsonPropertyName("question"), Description("The question.")] string Text,
        [property: JsonPropertyName("header"), Description("A word or two that name the question.")] string Header,
        [property: JsonPropertyName("options"), Description("What there is to choose from.")] IReadOnlyList<Option> Options,
        [property: JsonPropertyName("multi_select"), Description("True when several options may be chosen.")] bool MultiSelect = false);

    private sealed record Option(
        [property: JsonPropertyName("label"), Description("What is chosen.")] string Label,
        [property: JsonPropertyName("description"), Description("What it means.")] string Description);
}
