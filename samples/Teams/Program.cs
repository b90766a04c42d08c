using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Teams;
using Cluster.Providers.Models;
using Cluster.Samples.Teams;

// dotnet run --project samples/Teams -- coordinate|route|broadcast|tasks [model], for instance: route openai:gpt-5-mini
// Without a model everybody follows a script; the leaders delegate all the same.
var mode = args.Length == 0 ? TeamMode.Coordinate : Enum.TryParse<TeamMode>(args[0], ignoreCase: true, out var named) ? named
    : throw new ArgumentException($"'{args[0]}' is no mode of a team. Write coordinate, route, broadcast or tasks.");
var reference = args.Length > 1 ? args[1] : Keys.FindModel();
var real = reference is null ? null : ModelSource.FromChatModel(VendorModels.Create(reference));

// The leader picks members, words their tasks and makes one answer of what they say.
var newsroom = new Team
{
    Name = "Newsroom",
    Instructions = "Have facts researched before anything is written.",
    Mode = TeamMode.Coordinate,
    Members = [Member("Researcher", "Finds facts.", "Owls turn their heads by 270 degrees."), Member("Writer", "Writes two lines about given facts.", "Who looks behind and stands so still?\nAn owl can, and it surely will.")],
    Model = Leader(
        _ => Rehearsal.Call("delegate_task_to_member", new { member_id = "researcher", task = "Find one fact about owls." }),
        found => Rehearsal.Call("delegate_task_to_member", new { member_id = "writer", task = $"Write two lines about this: {found}" }),
        Rehearsal.Say),
};

// The leader picks one member, whose words are the team's.
var helpdesk = new Team
{
    Name = "Helpdesk",
    Mode = TeamMode.Route,
    Members = [Member("Billing", "Answers questions about invoices.", "Your invoice is in the mail since Monday."), Member("Technician", "Answers questions about devices.", "Turn it off and on again.")],
    Model = Leader(_ => Rehearsal.Call("delegate_task_to_member", new { member_id = "billing", task = "Where is the invoice?" })),
};

// All members work on the same task at the same time; the leader makes one answer of theirs.
var panel = new Team
{
    Name = "Panel",
    Mode = TeamMode.Broadcast,
    Members = [Member("Optimist", "Sees what could go well.", "It will be fun."), Member("Skeptic", "Sees what could go wrong.", "It will rain.")],
    Model = Leader(
        _ => Rehearsal.Call("delegate_task_to_members", new { task = "Should we have a picnic?" }),
        said => Rehearsal.Say($"Go, and take an umbrella. ({said})")),
};

// The leader keeps a list of tasks and works through it until the goal is reached.
var kitchen = new Team
{
    Name = "Kitchen",
    Mode = TeamMode.Tasks,
    Members = [Member("Baker", "Bakes.", "The cake is out of the oven."), Member("Decorator", "Decorates what is baked.", "It has a cherry on top.")],
    Model = Leader(
        _ => Rehearsal.Call("create_task", new { title = "Bake a cake", assignee = "baker" }),
        created => Rehearsal.Call("create_task", new { title = "Decorate the cake", assignee = "decorator", depends_on = Rehearsal.TaskIds(created) }),
        _ => Rehearsal.Call("list_tasks", new { }),
        list => Rehearsal.Call("execute_task", new { task_id = Rehearsal.TaskIds(list)[0], member_id = "baker" }),
        _ => Rehearsal.Call("list_tasks", new { }),
        list => Rehearsal.Call("execute_task", new { task_id = Rehearsal.TaskIds(list)[1], member_id = "decorator" }),
        _ => Rehearsal.Call("mark_all_complete", new { summary = "The cake is ready." }),
        _ => Rehearsal.Say("Baked and decorated: the cake is ready.")),
};

var (team, question) = mode switch
{
    TeamMode.Route => (helpdesk, "Where is my invoice?"),
    TeamMode.Broadcast => (panel, "Should we have a picnic?"),
    TeamMode.Tasks => (kitchen, "We need a cake with a cherry on top."),
    _ => (newsroom, "Two lines about owls, please."),
};
await team.PrintResponseAsync(question, new() { ShowMembers = true });

ModelSource Leader(params Func<string, Microsoft.Extensions.AI.ChatMessage>[] turns) => real ?? Rehearsal.ModelOf(turns);

Agent Member(string name, string role, string line) => new() { Name = name, Role = role, Model = real ?? ScriptedModelProvider.Create(new Script { Text = line }) };
