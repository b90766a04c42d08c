namespace Cluster.Engine.Runs;

/// <summary>The two ways in which a host ends the work on its runs.</summary>
internal sealed class HostStop : IDisposable
{
    private readonly CancellationTokenSource _handingOver = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Gets what ends the work behind the step that is under way.</summary>
    public CancellationToken HandingOver => _handingOver.Token;

    /// <summary>Gets what ends the work where it is.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Gets a value indicating whether no other step is begun.</summary>
    public bool IsHandingOver => _handingOver.IsCancellationRequested;

    /// <summary>Begins no other step from now on.</summary>
    public Task HandOverAsync() => _handingOver.CancelAsync();

    /// <summary>Ends the steps that are under way too.</summary>
    public async Task StopAsync()
    {
        await _handingOver.CancelAsync();
        await _stopping.CancelAsync();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _handingOver.Dispose();
        _stopping.Dispose();
    }
}
