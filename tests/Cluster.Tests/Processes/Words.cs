namespace Cluster.Tests.Processes;

/// <summary>What a process has written, and whoever waits for a line of it.</summary>
internal sealed class Words
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private readonly List<(string Word, TaskCompletionSource Said)> _awaited = [];

    public void Add(string line)
    {
        lock (_lock)
        {
            _lines.Add(line);
            foreach (var (word, said) in _awaited)
            {
                _ = line.Contains(word, StringComparison.Ordinal) && said.TrySetResult();
            }
        }
    }

    public Task ContainAsync(string word)
    {
        lock (_lock)
        {
            if (_lines.Exists(line => line.Contains(word, StringComparison.Ordinal)))
            {
                return Task.CompletedTask;
            }

            var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((word, said));
            return said.Task;
        }
    }
}
