using Cluster.Engine.Errors;

namespace Cluster.Grains.Interfaces.Errors;

/// <summary>Packs refusals of grains, so that they survive the way to another process.</summary>
public sealed class PackRefusals : IIncomingGrainCallFilter
{
    /// <inheritdoc/>
    public Task Invoke(IIncomingGrainCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return RefusalFilters.CanRefuse(context) ? InvokeAsync(context) : context.Invoke();
    }

    private static async Task InvokeAsync(IIncomingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (EngineException refusal)
        {
            throw new RefusalException(refusal);
        }
    }
}

/// <summary>Unpacks refusals, so that callers of grains catch the engine's exceptions as if they had called it themselves.</summary>
public sealed class UnpackRefusals : IOutgoingGrainCallFilter
{
    /// <inheritdoc/>
    public Task Invoke(IOutgoingGrainCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return RefusalFilters.CanRefuse(context) ? InvokeAsync(context) : context.Invoke();
    }

    private static async Task InvokeAsync(IOutgoingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (RefusalException refusal)
        {
            throw refusal.Unpack();
        }
    }
}

/// <summary>What both filters know.</summary>
internal static class RefusalFilters
{
    private const string Orleans = "Orleans";

    /// <summary>The runtime's own calls, several to each call of ours, go through the filters too, and refuse nothing.</summary>
    public static bool CanRefuse(IGrainCallContext context) => context.Request.GetInterfaceType().Namespace?.StartsWith(Orleans, StringComparison.Ordinal) != true;
}
