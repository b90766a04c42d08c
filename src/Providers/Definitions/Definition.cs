using System.Runtime.CompilerServices;
using Cluster.Engine.Agents;
using YamlDotNet.RepresentationModel;

namespace Cluster.Providers.Definitions;

/// <summary>An agent or a team of a file. It is made once for the same tools, however often it is named as a member.</summary>
/// <param name="node">Where it stands.</param>
/// <param name="owner">What it is called in messages.</param>
/// <param name="id">Its id.</param>
/// <param name="build">Makes it.</param>
internal sealed class Definition(YamlNode node, string owner, string id, Func<KnownTools, Agent> build)
{
    private readonly ConditionalWeakTable<KnownTools, Agent> _built = [];

    public YamlNode Node => node;

    public string Owner => owner;

    public string Id => id;

    public Agent Build(KnownTools known) => _built.GetValue(known, tools => build(tools));
}
