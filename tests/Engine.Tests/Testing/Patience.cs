namespace Cluster.Engine.Tests.Testing;

/// <summary>How long tests wait for what must happen: so long that only a hang reaches it.</summary>
internal static class Patience
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static CancellationToken Token => CancellationTokenSource.CreateLinkedTokenSource(
        TestContext.Current.CancellationToken, new CancellationTokenSource(Limit).Token).Token;

    public static Task Within(this Task task) => task.WaitAsync(Token);

    public static Task<T> Within<T>(this Task<T> task) => task.WaitAsync(Token);
}
