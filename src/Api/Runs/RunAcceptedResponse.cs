namespace Cluster.Api.Runs;

/// <summary>That a background run was recorded.</summary>
/// <param name="RunId">The run.</param>
/// <param name="SessionId">Its session.</param>
/// <param name="Status">How far it is.</param>
internal sealed record RunAcceptedResponse(string RunId, string SessionId, string Status);
