using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Json;
using Cluster.Engine.Tools.Schemas;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Tools;

/// <summary>
/// Something that a model can call. Making one costs next to nothing: the method is looked at when the first run needs its schema.
/// </summary>
public sealed class Tool
{
    private readonly Lazy<AIFunction> _function;
    private readonly Lazy<JsonElement> _parameters;
    private readonly Lazy<JsonElement> _allParameters;
    private readonly string? _name;
    private AITool? _declaration;

    private Tool(Tool same, string name)
    {
        _name = name;
        Options = same.Options with { Name = name };
        _function = same._function;
        _parameters = same._parameters;
        _allParameters = same._allParameters;
    }

    private Tool(string? name, Func<AIFunction> create, ToolOptions options)
    {
        _name = options.Name ?? name;
        Options = Checked(options);
        _function = new Lazy<AIFunction>(create);
        _allParameters = new Lazy<JsonElement>(() => SchemaCompletion.Complete(_function.Value.JsonSchema));
        _parameters = new Lazy<JsonElement>(() => ToolSchema.ForModel(AllParameters, options.UserInputFields));
    }

    /// <summary>Gets the name that the model sees.</summary>
    public string Name => _name ?? _function.Value.Name;

    /// <summary>Gets what the model is told about the tool; empty when nothing is known.</summary>
    public string Description => Options.Description ?? _function.Value.Description;

    /// <summary>Gets the JSON schema of the arguments that the model gives.</summary>
    public JsonElement Parameters => _parameters.Value;

    /// <summary>Gets the JSON schema of all arguments, those that a human fills in included.</summary>
    public JsonElement AllParameters => _allParameters.Value;

    /// <summary>Gets how the tool is handled.</summary>
    public ToolOptions Options { get; }

    /// <summary>
    /// Makes a tool of a method. Parameters of the types <see cref="RunContext"/> and <see cref="CancellationToken"/> are filled in by the loop and
    /// hidden from the model. Descriptions come from <see cref="System.ComponentModel.DescriptionAttribute"/>, or from the XML documentation beside the assembly.
    /// </summary>
    /// <param name="method">The method; it may be asynchronous.</param>
    /// <param name="options">How the tool is shown and handled; null for the defaults.</param>
    /// <returns>The tool.</returns>
    /// <exception cref="InvalidRequestException">The method is a lambda and the options give it no name.</exception>
    public static Tool Create(Delegate method, ToolOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(method);
        if (options?.Name is null && ToolSchema.IsNameless(method.Method))
        {
            throw new InvalidRequestException("A tool that is a lambda has no name that a model could use. Set ToolOptions.Name, or give it a method.");
        }

        return new Tool(null, () => ToolSchema.CreateFunction(method, options ?? ToolOptions.Default), options ?? ToolOptions.Default);
    }

    /// <summary>Makes a tool of a function of another library. One that requires approval, as <see cref="ApprovalRequiredAIFunction"/> says it anywhere in its chain, requires confirmation.</summary>
    /// <param name="function">The function.</param>
    /// <param name="options">How the tool is shown and handled; null for the defaults.</param>
    /// <returns>The tool.</returns>
    public static Tool Create(AIFunction function, ToolOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        var chosen = options ?? ToolOptions.Default;
        var asks = function.GetService<ApprovalRequiredAIFunction>() is not null;
        return new Tool(function.Name, () => function, asks ? chosen with { RequiresConfirmation = true } : chosen);
    }

    /// <summary>Calls the tool and gives what the model is told.</summary>
    /// <param name="arguments">The arguments, an object.</param>
    /// <param name="context">The run that calls.</param>
    /// <param name="cancellationToken">Stops the tool, if it listens.</param>
    /// <returns>The result as the model gets it: a text as it is, nothing as <c>None</c>, everything else as JSON.</returns>
    /// <exception cref="InvalidRequestException">The arguments do not fit the tool.</exception>
    public async Task<string> InvokeAsync(JsonElement arguments, RunContext context, CancellationToken cancellationToken = default) =>
        (await CallAsync(arguments, context, cancellationToken)).Content;

    /// <summary>Calls the tool.</summary>
    /// <param name="arguments">The arguments, an object.</param>
    /// <param name="context">The run that calls.</param>
    /// <param name="cancellationToken">Stops the tool, if it listens.</param>
    /// <returns>The result; its text is as the model gets it: a text as it is, nothing as <c>None</c>, everything else as JSON.</returns>
    /// <exception cref="InvalidRequestException">The arguments do not fit the tool.</exception>
    public async Task<ToolResult> CallAsync(JsonElement arguments, RunContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (arguments.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidRequestException($"The arguments of {Name} are not a JSON object.");
        }

        var bound = new AIFunctionArguments { Context = new Dictionary<object, object?> { [typeof(RunContext)] = context } };
        foreach (var (argument, value) in CallArguments.Fit(arguments, AllParameters))
        {
            bound[argument] = value;
        }

        var result = await _function.Value.InvokeAsync(bound, cancellationToken);
        return result as ToolResult ?? new ToolResult(ToText(result));
    }

    /// <summary>Gives the same tool under another name.</summary>
    internal Tool Named(string name) => new(this, name);

    /// <summary>Gives what chat clients are told about the tool. They cannot call it: only the loop does, after it recorded the intent.</summary>
    /// <returns>The declaration.</returns>
    public AITool ToDeclaration() => _declaration ??= AIFunctionFactory.CreateDeclaration(Name, Description, Parameters);

    private static ToolOptions Checked(ToolOptions options) => (options.ApprovalType, options.Pauses) switch
    {
        (ApprovalType.Required, false) => options with { RequiresConfirmation = true },
        (ApprovalType.Audit, false) => throw new InvalidRequestException(
            "A tool whose approvals are audited has to wait for a human: let it require confirmation, user input or external execution."),
        _ => options,
    };

    private static string ToText(object? result) => result switch
    {
        null => "None",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
        JsonElement { ValueKind: JsonValueKind.Null } => "None",
        JsonElement json => JsonSerializer.Serialize(json, EngineJson.Context.JsonElement),
        _ => ToText(JsonSerializer.SerializeToElement(result, AIJsonUtilities.DefaultOptions)),
    };
}
