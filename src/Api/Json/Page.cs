namespace Cluster.Api.Json;

/// <summary>One page of a list.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Data">The entries of the page.</param>
/// <param name="Meta">Where the page stands.</param>
internal sealed record Page<T>(IReadOnlyList<T> Data, PageMeta Meta);

/// <summary>Where a page stands among all.</summary>
/// <param name="Page">The number of the page, from 1.</param>
/// <param name="Limit">The entries of a page.</param>
/// <param name="TotalPages">How many pages there are.</param>
/// <param name="TotalCount">How many entries there are.</param>
internal sealed record PageMeta(int Page, int Limit, int TotalPages, int TotalCount)
{
    /// <summary>Gets the milliseconds that a search took. Lists that search nothing send zero with a fraction, as clients know it.</summary>
    public decimal SearchTimeMs { get; init; } = 0.0m;

    public static PageMeta Of(int page, int limit, int totalCount) => new(page, limit, (int)Math.Ceiling((double)totalCount / limit), totalCount);
}
