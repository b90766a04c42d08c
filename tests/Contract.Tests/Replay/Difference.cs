namespace Cluster.Contract.Tests.Replay;

/// <summary>Something in which our answer is not the recorded one.</summary>
/// <param name="Path">Where: <c>status</c>, <c>headers.NAME</c>, a JSON path, or for streams the frame's name and a JSON path.</param>
/// <param name="Text">What the difference is.</param>
internal sealed record Difference(string Path, string Text)
{
    public override string ToString() => $"{Path}: {Text}";
}
