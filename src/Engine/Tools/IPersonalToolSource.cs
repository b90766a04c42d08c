using System.Collections.Immutable;
using Cluster.Engine.Scopes;

namespace Cluster.Engine.Tools;

/// <summary>A source whose tools are another user's for each user, for instance because each logs in to the server. What it knows of one is never offered to another.</summary>
public interface IPersonalToolSource : IToolSource
{
    /// <summary>Gets a user's tools as they were last heard of, without asking; empty before the first time.</summary>
    /// <param name="scope">The tenant and the user.</param>
    /// <returns>The tools.</returns>
    ImmutableArray<Tool> KnownTo(Scope scope);

    /// <summary>Asks for a user's tools, as <see cref="IToolSource.LoadAsync"/> does for those of everybody.</summary>
    /// <param name="scope">The tenant and the user.</param>
    /// <param name="cancellationToken">Stops waiting; it does not stop others who wait.</param>
    /// <returns>The tools.</returns>
    /// <exception cref="ToolSourceException">There is no answer; the message is shown to users.</exception>
    ValueTask<ImmutableArray<Tool>> LoadForAsync(Scope scope, CancellationToken cancellationToken = default);
}
