using System.Collections.Concurrent;
using Orleans.Streams;

namespace Cluster.Grains.Tests.Postgres;

/// <summary>What the grains of these tests remember.</summary>
/// <param name="Text">Anything.</param>
/// <param name="Tags">A collection, which serializers like to forget.</param>
public sealed record Note(string Text, IReadOnlyList<string> Tags)
{
    public Note()
        : this(string.Empty, [])
    {
    }
}

[Alias("test.notebook")]
public interface INotebookGrain : IGrainWithStringKey
{
    [Alias("write")]
    Task WriteAsync(string text);

    [Alias("read")]
    Task<string> ReadAsync();

    [Alias("exists")]
    Task<bool> ExistsAsync();

    [Alias("reload")]
    Task ReloadAsync();

    [Alias("clear")]
    Task ClearAsync();
}

[Alias("test.diary")]
public interface IDiaryGrain : INotebookGrain;

[GrainType("test-notebook")]
public sealed class NotebookGrain([PersistentState("notebook")] IPersistentState<Note> state) : StoringGrain(state), INotebookGrain;

[GrainType("test-diary")]
public sealed class DiaryGrain([PersistentState("diary")] IPersistentState<Note> state) : StoringGrain(state), IDiaryGrain;

public abstract class StoringGrain(IPersistentState<Note> state) : Grain
{
    public Task WriteAsync(string text)
    {
        state.State = new Note(text, ["a", text]);
        return state.WriteStateAsync();
    }

    public Task<string> ReadAsync() => Task.FromResult(state.State.Text);

    public Task<bool> ExistsAsync() => Task.FromResult(state.RecordExists);

    public Task ReloadAsync() => state.ReadStateAsync();

    public Task ClearAsync() => state.ClearStateAsync();
}

[Alias("test.alarm")]
public interface IAlarmGrain : IGrainWithStringKey
{
    [Alias("set")]
    Task SetAsync(string name, TimeSpan dueTime);

    [Alias("list")]
    Task<string[]> ListAsync();

    [Alias("unset")]
    Task UnsetAsync(string name);
}

[GrainType("test-alarm")]
public sealed class AlarmGrain(AlarmClock clock) : Grain, IAlarmGrain, IRemindable
{
    public Task SetAsync(string name, TimeSpan dueTime) => this.RegisterOrUpdateReminder(name, dueTime, TimeSpan.FromMinutes(1));

    public async Task<string[]> ListAsync() => [.. (await this.GetReminders()).Select(reminder => reminder.ReminderName).Order(StringComparer.Ordinal)];

    public async Task UnsetAsync(string name) =>
        await this.UnregisterReminder(await this.GetReminder(name) ?? throw new InvalidOperationException($"There is no reminder '{name}'."));

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        clock.Ring(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }
}

/// <summary>Hears the alarms of a silo.</summary>
public sealed class AlarmClock
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _rings = new(StringComparer.Ordinal);

    public void Ring(string key) => Of(key).TrySetResult();

    public Task HeardAsync(string key) => Of(key).Task;

    private TaskCompletionSource Of(string key) => _rings.GetOrAdd(key, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}

[Alias("test.listener")]
public interface IListenerGrain : IGrainWithStringKey
{
    [Alias("listen")]
    Task ListenAsync();

    [Alias("subscriptions")]
    Task<int> CountSubscriptionsAsync();
}

[GrainType("test-listener")]
public sealed class ListenerGrain : Grain, IListenerGrain
{
    private IAsyncStream<string> Stream => this.GetStreamProvider(TestSilo.Streams).GetStream<string>(StreamId.Create("news", this.GetPrimaryKeyString()));

    public Task ListenAsync() => Stream.SubscribeAsync((_, _) => Task.CompletedTask);

    public async Task<int> CountSubscriptionsAsync() => (await Stream.GetAllSubscriptionHandles()).Count;
}
