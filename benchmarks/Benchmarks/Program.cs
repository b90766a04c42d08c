using System.CommandLine;
using BenchmarkDotNet.Running;
using Cluster.Benchmarks;

var callers = new Option<int[]>("--callers") { Description = "How many callers at once, one or more numbers.", DefaultValueFactory = _ => [1, 16, 64, 256], AllowMultipleArgumentsPerToken = true };
var seconds = new Option<int>("--seconds") { Description = "How long each number of callers is measured.", DefaultValueFactory = _ => 5 };
var store = new Option<string>("--store") { Description = "memory:, sqlite:DIRECTORY or postgres:CONNECTION.", DefaultValueFactory = _ => "memory:" };
var url = new Option<string>("--url") { Description = "The server to measure.", DefaultValueFactory = _ => "http://localhost:7777" };
var agent = new Option<string>("--agent") { Description = "The agent to run; its model should answer at once.", DefaultValueFactory = _ => "assistant" };

var pids = new Option<int[]>("--pids") { Description = "Processes of the server, whose use of processor and memory is shown.", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };

var sessions = new Option<string>("--sessions") { Description = "new: every run has a session of its own; existing: runs are in sessions that have run before, with their history.", DefaultValueFactory = _ => SessionSettings.New };
sessions.AcceptOnlyFromAmong(SessionSettings.New, SessionSettings.Existing);
var pool = new Option<int>("--pool") { Description = "How many sessions there are with --sessions existing.", DefaultValueFactory = _ => 512 };
var tool = new Option<bool>("--tool") { Description = "Every run calls tools: one in process, over HTTP those of the agent clerk, which are two." };
var warmUpSeconds = new Option<int?>("--warm-up-seconds") { Description = "How long the server or engine works before it is measured." };

var instantiation = new Command("instantiation", "Makes agents with one tool: time and bytes.");
instantiation.SetAction(_ => BenchmarkRunner.Run<AgentInstantiation>());

var runs = new Command("runs", "Runs an agent in process with a model that answers at once.") { store, callers, seconds, pids, sessions, pool, tool, warmUpSeconds };
runs.SetAction((parsed, stop) => RunThroughput.MeasureAsync(parsed.GetRequiredValue(store), ThroughputOf(parsed), stop));

var sampled = new Option<int>("--runs") { Description = "How many runs are looked at.", DefaultValueFactory = _ => 20_000 };
var allocations = new Command("allocations", "Tells what a run in process allocates, by type.") { store, tool, sampled };
allocations.SetAction((parsed, stop) => Allocations.MeasureAsync(parsed.GetRequiredValue(store), parsed.GetValue(tool), parsed.GetRequiredValue(sampled), stop));

var rounds = new Option<int>("--rounds") { Description = "How many times 2,000 runs are measured.", DefaultValueFactory = _ => 10 };
var side = new Option<string>("--side") { Description = "Which side is measured.", DefaultValueFactory = _ => "both" };
side.AcceptOnlyFromAmong("both", Comparison.Here, Comparison.There);
var kinds = new Option<string>("--kinds") { Description = "Only the kinds of run whose name ends so, for instance 'one tool call'.", DefaultValueFactory = _ => string.Empty };
var compare = new Command("compare", "Runs an agent in process beside the same agent of Microsoft Agent Framework: the cheapest round of each.") { rounds, side, kinds };
compare.SetAction((parsed, stop) => Comparison.MeasureAsync(parsed.GetRequiredValue(rounds), parsed.GetRequiredValue(side), parsed.GetRequiredValue(kinds), stop));

var session = new Command("session", "Compares run 5 of a session with run 500.") { store };
session.SetAction((parsed, stop) => SessionGrowth.MeasureAsync(parsed.GetRequiredValue(store), stop));

var http = new Command("http", "Runs an agent over HTTP: throughput and time to first event.") { url, agent, callers, seconds, pids, sessions, pool, tool, warmUpSeconds };
http.SetAction((parsed, stop) => HttpThroughput.MeasureAsync(
    new Uri(parsed.GetRequiredValue(url)),
    parsed.GetValue(tool) && parsed.GetResult(agent) is not { Implicit: false } ? "clerk" : parsed.GetRequiredValue(agent),
    ThroughputOf(parsed),
    stop));

var amount = new Option<int>("--runs") { Description = "How many runs there are to be.", DefaultValueFactory = _ => 1_000_000 };
var analyze = new Option<bool>("--analyze") { Description = "Has PostgreSQL look at the tables afterwards; without it the server is kept from doing so." };
var fill = new Command("fill", "Fills an empty store with runs of an agent, five a session: the sessions that --sessions existing uses, and more.") { store, agent, amount, analyze };
fill.SetAction((parsed, stop) => StoreFilling.FillAsync(
    parsed.GetRequiredValue(store), parsed.GetRequiredValue(agent), parsed.GetRequiredValue(amount), parsed.GetValue(analyze), stop));

var requests = new Command("requests", "Tells what requests to the API allocate in the server, with a store in memory.");
requests.SetAction((_, stop) => RequestAllocations.MeasureAsync(stop));

var count = new Option<int>("--count") { Description = "How many readers at once.", DefaultValueFactory = _ => 1 };
var words = new Option<int>("--words") { Description = "How many words each run says.", DefaultValueFactory = _ => 100 };
var pause = new Option<int>("--pause") { Description = "Milliseconds before each word.", DefaultValueFactory = _ => 50 };
var modelPort = new Option<int>("--model-port") { Description = "Where the model of the agent listens; the server needs VLLM_BASE_URL=http://127.0.0.1:PORT/v1 and an agent with a model of vllm.", DefaultValueFactory = _ => 8999 };
var readers = new Command("readers", "Follows many runs at once over HTTP: how long a word travels from the model to a reader.") { url, agent, count, words, pause, modelPort, pids };
readers.SetAction((parsed, stop) => HeldReaders.MeasureAsync(
    new Uri(parsed.GetRequiredValue(url)),
    parsed.GetRequiredValue(agent),
    new ReaderSettings(parsed.GetRequiredValue(count), parsed.GetRequiredValue(words), parsed.GetRequiredValue(pause), parsed.GetRequiredValue(modelPort), parsed.GetRequiredValue(pids)),
    stop));

var minutes = new Option<double>("--minutes") { Description = "How long.", DefaultValueFactory = _ => 5 };
var every = new Option<int>("--every") { Description = "After how many seconds memory is looked at.", DefaultValueFactory = _ => 15 };
var busy = new Option<int>("--callers") { Description = "How many callers at once.", DefaultValueFactory = _ => 64 };
var soak = new Command("soak", "Keeps a server busy over HTTP and shows how much memory its processes have over time.") { url, agent, minutes, every, busy, pids };
soak.SetAction((parsed, stop) => Soak.MeasureAsync(
    new Uri(parsed.GetRequiredValue(url)),
    parsed.GetRequiredValue(agent),
    new SoakSettings(parsed.GetRequiredValue(minutes), parsed.GetRequiredValue(every), parsed.GetRequiredValue(busy), parsed.GetRequiredValue(pids)),
    stop));

var unreadCount = new Option<int>("--readers") { Description = "How many readers.", DefaultValueFactory = _ => 1000 };
var unreadRuns = new Option<int>("--runs") { Description = "How many runs they share.", DefaultValueFactory = _ => 5 };
var events = new Option<int>("--events") { Description = "How many deltas each run has.", DefaultValueFactory = _ => 10_000 };
var eventBytes = new Option<int>("--event-bytes") { Description = "How many characters each delta has.", DefaultValueFactory = _ => 2_000 };
var talker = new Option<string>("--agent") { Description = "The agent whose model is the measuring program, as for readers.", DefaultValueFactory = _ => "words" };
var other = new Option<string>("--other-agent") { Description = "The agent of the new runs meanwhile.", DefaultValueFactory = _ => "assistant" };
var unread = new Command("unread", "Holds readers of runs at work that read nothing.") { url, talker, other, unreadCount, unreadRuns, events, eventBytes, seconds, modelPort, pids };
unread.SetAction((parsed, stop) => UnreadReaders.MeasureLiveAsync(new Uri(parsed.GetRequiredValue(url)), parsed.GetRequiredValue(talker), parsed.GetRequiredValue(other), UnreadOf(parsed, unreadRuns), stop));
var megabytes = new Option<int>("--megabytes") { Description = "How large the message is; the server's AgentOs:MaxBodyBytes has to allow it.", DefaultValueFactory = _ => 31 };
var unreadReplay = new Command("unread-replay", "Holds readers of one run with a large message, which is over, that read nothing.") { url, agent, megabytes, unreadCount, seconds, pids };
unreadReplay.SetAction((parsed, stop) => UnreadReaders.MeasureReplayAsync(
    new Uri(parsed.GetRequiredValue(url)), parsed.GetRequiredValue(agent), parsed.GetRequiredValue(megabytes), UnreadOf(parsed, null), stop));

UnreadSettings UnreadOf(ParseResult parsed, Option<int>? of) => new(
    parsed.GetRequiredValue(unreadCount),
    of is null ? 1 : parsed.GetRequiredValue(of),
    of is null ? 0 : parsed.GetRequiredValue(events),
    of is null ? 0 : parsed.GetRequiredValue(eventBytes),
    parsed.GetRequiredValue(seconds),
    of is null ? 0 : parsed.GetRequiredValue(modelPort),
    parsed.GetRequiredValue(pids));

var members = new Option<int[]>("--members") { Description = "How many members, one or more numbers.", DefaultValueFactory = _ => [1, 8, 32, 256, 1000], AllowMultipleArgumentsPerToken = true };
var thinking = new Option<int>("--thinking") { Description = "Milliseconds that the model of each member takes.", DefaultValueFactory = _ => 100 };
var times = new Option<int>("--runs") { Description = "How many runs are measured.", DefaultValueFactory = _ => 20 };
var warmUp = new Option<int>("--warm-up") { Description = "How many runs go before.", DefaultValueFactory = _ => 10 };
var team = new Command("team", "Runs a team whose members all work at the same time, in process.") { store, members, thinking, times, warmUp };
team.SetAction((parsed, stop) => TeamFanOut.MeasureAsync(parsed.GetRequiredValue(store), parsed.GetRequiredValue(members), FanOutOf(parsed), stop));
var teamHttp = new Command("team-http", "Does the same over HTTP; the server needs VLLM_BASE_URL=http://127.0.0.1:8998/v1 and the teams fan-N.") { url, members, thinking, times, warmUp };
teamHttp.SetAction((parsed, stop) => TeamFanOut.MeasureHttpAsync(new Uri(parsed.GetRequiredValue(url)), parsed.GetRequiredValue(members), FanOutOf(parsed), stop));

var crowd = new Option<int>("--members") { Description = "How many members.", DefaultValueFactory = _ => 50 };
var teamCancel = new Command("team-cancel", "Cancels a team whose members all wait for their models, in process.") { store, crowd, times };
teamCancel.SetAction((parsed, stop) => TeamCancellation.MeasureAsync(parsed.GetRequiredValue(store), parsed.GetRequiredValue(crowd), parsed.GetRequiredValue(times), stop));
var teamCancelHttp = new Command("team-cancel-http", "Does the same over HTTP; the server needs VLLM_BASE_URL=http://127.0.0.1:8998/v1 and the team fan-N.") { url, crowd, times };
teamCancelHttp.SetAction((parsed, stop) => TeamCancellation.MeasureHttpAsync(new Uri(parsed.GetRequiredValue(url)), parsed.GetRequiredValue(crowd), parsed.GetRequiredValue(times), stop));

ThroughputSettings ThroughputOf(ParseResult parsed) => new(
    parsed.GetRequiredValue(callers),
    parsed.GetRequiredValue(seconds),
    parsed.GetRequiredValue(pids),
    new SessionSettings(parsed.GetRequiredValue(sessions) == SessionSettings.New, parsed.GetRequiredValue(pool)))
{
    WithTool = parsed.GetValue(tool),
    WarmUp = parsed.GetValue(warmUpSeconds),
};

FanOutSettings FanOutOf(ParseResult parsed) => new(parsed.GetRequiredValue(thinking), parsed.GetRequiredValue(times), parsed.GetRequiredValue(warmUp));

return await new RootCommand("Measures the engine and its hosts. Build with -c Release.") { instantiation, runs, allocations, compare, session, fill, requests, http, readers, soak, unread, unreadReplay, team, teamHttp, teamCancel, teamCancelHttp }.Parse(args).InvokeAsync();
