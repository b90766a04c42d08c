using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;
using Microsoft.Extensions.Logging;

namespace Cluster.Engine.Agents;

/// <summary>
/// Gets the tools that have to be asked for, before a step that shows or calls them. A run goes on without those that cannot be had: its model is told that they
/// are not available when it calls them, and clients are told once.
/// </summary>
/// <param name="services">What the loop works with.</param>
internal sealed partial class ToolLoading(AgentLoopServices services)
{
    private readonly ILogger _logger = services.LoggerOf<ToolLoading>();

    /// <summary>Tells whether a step has to wait for tools.</summary>
    public static bool IsNeeded(AgentRun run) => run.State.Phase is RunPhase.Model or RunPhase.Tools && run.Agent.HasToolSources;

    /// <summary>Takes a step of an agent whose tools were loaded.</summary>
    public async IAsyncEnumerable<RunEvent> StepAsync(
        AgentRun run, Func<AgentRun, CancellationToken, IAsyncEnumerable<RunEvent>> step, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var loaded = await Task.WhenAll(run.Agent.Toolkits.Select(toolkit => LoadAsync(run, toolkit, cancellationToken)));
        run = run with { Agent = run.Agent with { Toolkits = [.. loaded.Select(toolkit => toolkit.Toolkit)] } };
        if (run.State.Phase == RunPhase.Model && NewNames(run) is { } names)
        {
            yield return run.Stamp.Mark(names);
        }

        await foreach (var next in step(run, cancellationToken))
        {
            // Steps before the first question, for instance of thought, load the tools too: one place tells what is missing.
            if (next is ModelRequestStarted && run.State.ModelCalls == 0)
            {
                foreach (var (toolkit, failure) in loaded.Where(toolkit => toolkit.Failure is not null))
                {
                    yield return run.Stamp.Mark(Tell(toolkit, failure!));
                }
            }

            yield return next;
        }
    }

    /// <summary>What the model has once seen under a name keeps it, also while its server is away.</summary>
    private static ToolsNamed? NewNames(AgentRun run)
    {
        var known = run.State.ToolNames;
        var heard = run.Naming.Heard.Except(known).ToArray();
        return heard.Length == 0 ? null : new ToolsNamed([.. known.Where(binding => heard.All(one => (one.Owner, one.Original) != (binding.Owner, binding.Original))), .. heard]);
    }

    private async Task<(Toolkit Toolkit, ToolSourceException? Failure)> LoadAsync(AgentRun run, Toolkit toolkit, CancellationToken cancellationToken)
    {
        if (toolkit.Source is not { } source)
        {
            return (toolkit, null);
        }

        var personal = source as IPersonalToolSource;
        try
        {
            return (Settle(await (personal?.LoadForAsync(run.Scope, cancellationToken) ?? source.LoadAsync(cancellationToken))), null);
        }
        catch (ToolSourceException failure)
        {
            LogUnavailable(toolkit.Name, run.Request.RunId, failure.Message, failure.InnerException);
            return (Settle(personal?.KnownTo(run.Scope) ?? source.Known), failure);
        }

        // The step works on one and the same list, whatever the source hears meanwhile.
        Toolkit Settle(ImmutableArray<Tool> tools) => toolkit with { Heard = tools, Source = null };
    }

    private static CustomEvent Tell(Toolkit toolkit, ToolSourceException failure)
    {
        var told = new CustomEvent();
        told.Members["type"] = Text(failure.LoginServer is null ? "toolkit_unavailable" : "auth_required");
        told.Members["server_name"] = Text(toolkit.Name);
        told.Members["message"] = Text(failure.Message);
        if (failure.LoginServer is { } server)
        {
            told.Members["server_url"] = Text(server.AbsoluteUri);
        }

        if (failure.LoginPage is { } page)
        {
            told.Members["authorization_url"] = Text(page.AbsoluteUri);
        }

        return told;
    }

    private static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text, EngineJson.Context.String);

    [LoggerMessage(LogLevel.Warning, "The toolkit {Toolkit} is not available to run {RunId}: {Reason}")]
    private partial void LogUnavailable(string toolkit, string runId, string reason, Exception? cause);
}
