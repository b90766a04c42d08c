using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Cluster.Engine.Caching;
using Cluster.Engine.Contexts;
using Cluster.Engine.Guardrails;
using Cluster.Engine.Hooks;
using Cluster.Engine.Models;
using Cluster.Engine.Outputs;
using Cluster.Engine.Reasoning;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Agents;

/// <summary>
/// The definition of an agent: a model with instructions, tools and a memory of its session. It is a plain record: cheap to make, safe to share,
/// varied with <c>with</c>. Members that are not set mean what they mean in Agno.
/// </summary>
public record Agent
{
    private Memo<string> _agentId;
    private Memo<ToolNaming> _naming;

    /// <summary>Gets the id in routes and logs; null for one made of <see cref="Name"/>.</summary>
    public string? Id { get; init; }

    /// <summary>Gets the name that people see; null for none.</summary>
    public string? Name { get; init; }

    /// <summary>Gets what the agent is; it opens the system message. Null for nothing.</summary>
    public string? Description { get; init; }

    /// <summary>Gets the agent's role, told to it and to the leader of its team; null for none.</summary>
    public string? Role { get; init; }

    /// <summary>Gets the model; null for the built-in scripted one.</summary>
    public ModelSource? Model { get; init; }

    /// <summary>Gets settings of model calls such as temperature; null for the provider's defaults. Tools and messages in it are ignored.</summary>
    public ChatOptions? ModelOptions { get; init; }

    /// <summary>Gets the models that are asked when the agent's own fails.</summary>
    public FallbackSettings Fallbacks { get; init; } = FallbackSettings.None;

    /// <summary>Gets how answers of the model are used again; null to ask each time.</summary>
    public ResponseCacheSettings? ResponseCache { get; init; }

    /// <summary>Gets what the agent is told to do.</summary>
    public Instructions Instructions { get; init; } = Instructions.None;

    /// <summary>Gets the tools that the model may call. Of several with the same name, one is offered: the first that asks a human, else the first. Toolkits come after.</summary>
    public ImmutableArray<Tool> Tools { get; init; } = [];

    /// <summary>Gets the toolkits that the model may use.</summary>
    public ImmutableArray<Toolkit> Toolkits { get; init; } = [];

    /// <summary>Gets how tools are called.</summary>
    public ToolCallSettings ToolCalls { get; init; } = ToolCallSettings.Default;

    /// <summary>Gets what else goes into the prompt.</summary>
    public PromptSettings Prompt { get; init; } = PromptSettings.Default;

    /// <summary>Gets what the model is shown of a run that has become long.</summary>
    public ContextSettings Context { get; init; } = ContextSettings.Default;

    /// <summary>Gets how much of the session the model is shown.</summary>
    public HistorySettings History { get; init; } = HistorySettings.Default;

    /// <summary>Gets what is stored of a run.</summary>
    public RecordSettings Record { get; init; } = RecordSettings.Default;

    /// <summary>Gets what sessions start with and how the model deals with it.</summary>
    public SessionStateSettings SessionState { get; init; } = SessionStateSettings.Default;

    /// <summary>Gets values for templates, tools and the user message.</summary>
    public Dependencies Dependencies { get; init; } = Dependencies.None;

    /// <summary>Gets what is attached to the agent and its runs, an object; null for nothing.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>Gets the schema that the input must fit, an object; null to take anything.</summary>
    public JsonElement? InputSchema { get; init; }

    /// <summary>Gets what becomes of the model's answer.</summary>
    public OutputSettings Output { get; init; } = OutputSettings.Default;

    /// <summary>Gets what watches over input and answer.</summary>
    public ImmutableArray<IGuardrail> Guardrails { get; init; } = [];

    /// <summary>Gets what is done before the model is asked and after it has answered.</summary>
    public RunHooks Hooks { get; init; } = RunHooks.None;

    /// <summary>Gets how the agent thinks before it answers; null to answer at once.</summary>
    public ReasoningSettings? Reasoning { get; init; }

    /// <summary>Gets how often a failed run is tried again.</summary>
    public RetrySettings Retry { get; init; } = RetrySettings.Default;

    /// <summary>Gets when its runs show checkpoints.</summary>
    public CheckpointMode Checkpoint { get; init; }

    /// <summary>Gets how much is written into the log of what the runs do. The default is nothing special.</summary>
    public DebugMode Debug { get; init; }

    /// <summary>Gets the id under which the agent is known: <see cref="Id"/>, else the name in lower case with dashes, else <c>agent</c>, or <c>team</c> for a team.</summary>
    public string AgentId => Id ?? _agentId.Of(this, static agent => agent.ToId());

    /// <summary>Gets where tools of its toolkits come from that are not known beforehand.</summary>
    public IEnumerable<IToolSource> ToolSources => Toolkits.Select(toolkit => toolkit.Source).OfType<IToolSource>();

    /// <summary>
    /// Gets the tools that the model is offered, each name once. Those of <see cref="ToolSources"/> are the ones that were last heard of. A tool that came with the
    /// name of another may have got a new one.
    /// </summary>
    public IEnumerable<Tool> OfferedTools => NamingIn([]).Tools;

    /// <summary>Gets all tools under the names that they came with, in the order in which the model sees them.</summary>
    internal virtual IEnumerable<ToolCandidate> Candidates
    {
        get
        {
            var tools = Tools.Select(tool => new ToolCandidate(tool, ToolCandidate.Agent, ToolOrigin.Agent))
                .Concat(Toolkits.SelectMany((toolkit, place) => toolkit.Candidates(NameOf(toolkit, place))));
            tools = SessionState.Agentic ? tools.Append(new ToolCandidate(SessionStateTool.Update, ToolCandidate.Product, ToolOrigin.Product)) : tools;
            return Context.CompactionTool ? tools.Append(new ToolCandidate(CompactionTool.Compact, ToolCandidate.Product, ToolOrigin.Product)) : tools;
        }
    }

    /// <summary>Gets a value indicating whether anything looks at the input before the model is asked.</summary>
    internal bool ChecksInput => Guardrails.Length > 0 || Hooks.Pre.Length > 0;

    /// <summary>Gets a value indicating whether anything looks at the answer before it is given.</summary>
    internal bool ChecksOutput => Guardrails.Length > 0 || Hooks.Post.Length > 0;

    /// <summary>Gets a value indicating whether some of its tools are not known beforehand.</summary>
    internal bool HasToolSources
    {
        get
        {
            foreach (var toolkit in Toolkits)
            {
                if (toolkit.Source is not null)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Names the tools. Where all of them are known beforehand, that is done once.</summary>
    /// <param name="known">The names that foreign tools have in a run.</param>
    internal ToolNaming NamingIn(ImmutableArray<ToolBinding> known)
    {
        foreach (var toolkit in Toolkits)
        {
            if (toolkit.IsSourced)
            {
                return ToolNaming.Of(this, known);
            }
        }

        return _naming.Of(this, static agent => ToolNaming.Of(agent, []));
    }

    private string NameOf(Toolkit toolkit, int place)
    {
        var before = Toolkits.Take(place).Count(other => other.Name == toolkit.Name);
        return before == 0 ? toolkit.Name : string.Create(CultureInfo.InvariantCulture, $"{toolkit.Name}_{before + 1}");
    }

    /// <summary>Gets the id of one that has neither id nor name.</summary>
    protected virtual string DefaultId => "agent";

    private string ToId() =>
        string.IsNullOrWhiteSpace(Name) ? DefaultId : string.Join('-', Name.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
