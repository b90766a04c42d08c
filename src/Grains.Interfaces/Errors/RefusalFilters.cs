using Cluster.Engine.Errors;

namespace Cluster.Grains.Interfaces.Errors;

/// <summary>Packs refusals of grains, so that they survive the way to another process.</summary>
public sealed class PackRefusals : IIncomingGrainCallFilter
{
    /// <inheritdoc/>
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
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
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
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
