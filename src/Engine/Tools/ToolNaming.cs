using System.Collections.Frozen;
using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Contexts;
using Cluster.Engine.Teams;

namespace Cluster.Engine.Tools;

/// <summary>
/// The tools of an agent under the names that its model sees, each name once. Whoever has a name first keeps it: what the product itself calls by name, then the
/// agent's own tools, those that ask a human before the others, and last what servers and documents have named. The others get the name of their toolkit in front; a tool that is
/// in the definition by itself, or has its like there, is left out.
/// </summary>
/// <param name="Tools">The tools, in the order in which the agent has them.</param>
/// <param name="Heard">The names of foreign tools, to be kept for the rest of the run.</param>
/// <param name="Meetings">What could not have the name that it came with.</param>
internal sealed record ToolNaming(ImmutableArray<Tool> Tools, ImmutableArray<ToolBinding> Heard, ImmutableArray<ToolMeeting> Meetings)
{
    private static readonly ToolNaming Empty = new([], [], []);

    /// <summary>What the loop does by the name of a call, whoever offers a tool of that name. Nothing foreign may be called so.</summary>
    private static readonly FrozenSet<string> Kept = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, CompactionTool.Name);

    /// <summary>Names the tools of an agent.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="known">The names that foreign tools have in the run; empty outside of runs.</param>
    public static ToolNaming Of(Agent agent, ImmutableArray<ToolBinding> known)
    {
        var all = agent.Candidates.ToArray();
        return all.Length == 0 ? Empty
            : all.Any(one => one.Origin == ToolOrigin.Foreign) || !AreDistinct(all) ? new Round(agent, all, known).Name()
            : new ToolNaming([.. all.Select(one => one.Tool)], [], []);
    }

    private static bool AreDistinct(ToolCandidate[] all)
    {
        var names = new HashSet<string>(all.Length, StringComparer.Ordinal);
        return Array.TrueForAll(all, one => names.Add(one.Tool.Name));
    }

    private sealed class Round(Agent agent, ToolCandidate[] all, ImmutableArray<ToolBinding> known)
    {
        private readonly Tool?[] _named = new Tool?[all.Length];
        private readonly List<ToolBinding> _heard = [];
        private readonly List<ToolMeeting> _meetings = [];

        /// <summary>Who has which name. Models are not to tell tools of different people apart by capitals.</summary>
        private readonly Dictionary<string, ToolCandidate> _taken = new(StringComparer.OrdinalIgnoreCase);
        private readonly Dictionary<string, ToolCandidate> _exact = new(StringComparer.Ordinal);

        public ToolNaming Name()
        {
            var ranked = Enumerable.Range(0, all.Length).OrderBy(place => all[place].Rank).ToArray();
            foreach (var place in ranked.Where(place => all[place].Origin != ToolOrigin.Foreign))
            {
                NameOwn(place);
            }

            // Names that were given in this run come before new ones: a server that comes back, or goes, changes nothing for the others.
            var foreign = ranked.Where(place => all[place].Origin == ToolOrigin.Foreign).ToArray();
            foreach (var place in foreign.Where(place => BindingOf(all[place]) is { } binding && TryTake(binding.Name, all[place])))
            {
                _named[place] = all[place].Tool.Named(BindingOf(all[place])!.Name);
            }

            foreach (var place in foreign.Where(place => _named[place] is null))
            {
                NameForeign(place);
            }

            foreach (var place in foreign)
            {
                _heard.Add(new ToolBinding(_named[place]!.Name, all[place].Owner, all[place].Tool.Name));
            }

            return new ToolNaming([.. _named.OfType<Tool>()], [.. _heard], [.. _meetings]);
        }

        private ToolBinding? BindingOf(ToolCandidate one) => known.FirstOrDefault(binding => binding.Owner == one.Owner && binding.Original == one.Tool.Name);

        private bool TryTake(string name, ToolCandidate one)
        {
            if (_taken.ContainsKey(name) || IsKept(name))
            {
                return false;
            }

            _exact.TryAdd(name, one);
            return _taken.TryAdd(name, one);
        }

        private void NameOwn(int place)
        {
            var one = all[place];
            if (_exact.TryAdd(one.Tool.Name, one))
            {
                _taken.TryAdd(one.Tool.Name, one);
                _named[place] = one.Tool;
                return;
            }

            var first = _exact[one.Tool.Name];
            if (ReferenceEquals(first.Tool, one.Tool))
            {
                return;
            }

            // A tool of the agent in the place of one of its toolkits is meant to be.
            var name = one.Origin == ToolOrigin.Toolkit && first.Origin != ToolOrigin.Agent ? NewName(one) : null;
            _named[place] = name is null ? null : one.Tool.Named(name);
            _meetings.Add(new ToolMeeting(one.Tool.Name, first.Owner, one.Owner, name));
        }

        private void NameForeign(int place)
        {
            var one = all[place];
            var isPromised = known.Any(binding => binding.Name.Equals(one.Tool.Name, StringComparison.OrdinalIgnoreCase));
            if (!isPromised && TryTake(one.Tool.Name, one))
            {
                _named[place] = one.Tool;
                return;
            }

            var first = _taken.GetValueOrDefault(one.Tool.Name)?.Owner ?? known.FirstOrDefault(binding => binding.Name == one.Tool.Name)?.Owner ?? ToolCandidate.Product;
            var name = NewName(one);
            _named[place] = one.Tool.Named(name);
            _meetings.Add(new ToolMeeting(one.Tool.Name, first, one.Owner, name));
        }

        private string NewName(ToolCandidate one)
        {
            for (var number = 1; ; number++)
            {
                var name = LegalNames.Join(one.Owner, one.Tool.Name, number);
                if (known.All(binding => !binding.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) && TryTake(name, one))
                {
                    return name;
                }
            }
        }

        private bool IsKept(string name) => Kept.Contains(name) || (agent is Team && TeamTools.IsDelegating(name));
    }
}

/// <summary>A tool that an agent has, before it is known under which name.</summary>
/// <param name="Tool">The tool, under the name that it came with.</param>
/// <param name="Owner">Whose it is: the name of its toolkit, or what else it came with.</param>
/// <param name="Origin">How it came.</param>
internal sealed record ToolCandidate(Tool Tool, string Owner, ToolOrigin Origin)
{
    /// <summary>The owner of the tools that the product adds by itself.</summary>
    public const string Product = "the product";

    /// <summary>The owner of the tools that stand in the definition of the agent one by one.</summary>
    public const string Agent = "the agent's own tools";

    /// <summary>Gets the place among those who want the same name: a tool that asks a human never gives its name to one that does not, unless that is the agent's and it is not.</summary>
    public int Rank => (Origin, Tool.Options.Pauses) switch
    {
        (ToolOrigin.Product, _) => 0,
        (ToolOrigin.Foreign, true) => 4,
        (ToolOrigin.Foreign, false) => 5,
        (_, true) => 1,
        (ToolOrigin.Agent, _) => 2,
        _ => 3,
    };
}

/// <summary>How a tool came to an agent.</summary>
internal enum ToolOrigin
{
    /// <summary>The product adds it, and does something by its name.</summary>
    Product,

    /// <summary>It stands in the definition by itself.</summary>
    Agent,

    /// <summary>It came with a toolkit.</summary>
    Toolkit,

    /// <summary>A server or a document named it, and nobody here decides what it will name next.</summary>
    Foreign,
}

/// <summary>Under which name the model sees a foreign tool during one run.</summary>
/// <param name="Name">The name.</param>
/// <param name="Owner">The toolkit that has the tool.</param>
/// <param name="Original">The name that the tool came with.</param>
public sealed record ToolBinding(string Name, string Owner, string Original);

/// <summary>Two tools came with the same name.</summary>
/// <param name="Name">The name.</param>
/// <param name="Winner">Whose tool keeps it.</param>
/// <param name="Loser">Whose tool does not.</param>
/// <param name="NewName">What that one is called; null when it is left out.</param>
internal sealed record ToolMeeting(string Name, string Winner, string Loser, string? NewName);
