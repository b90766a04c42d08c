using System.CommandLine;
using BenchmarkDotNet.Running;
using Cluster.Benchmarks;

var callers = new Option<int[]>("--callers") { Description = "How many callers at once, one or more numbers.", DefaultValueFactory = _ => [1, 16, 64, 256], AllowMultipleArgumentsPerToken = true };
var seconds = new Option<int>("--seconds") { Description = "How long each number of callers is measured.", DefaultValueFactory = _ => 5 };
var store = new Option<string>("--store") { Description = "memory:, embedded:DIRECTORY or postgres:CONNECTION.", DefaultValueFactory = _ => "memory:" };
var url = new Option<string>("--url") { Description = "The server to measure.", DefaultValueFactory = _ => "http://localhost:7777" };
var agent = new Option<string>("--agent") { Description = "The agent to run; its model should answer at once.", DefaultValueFactory = _ => "assistant" };

var pids = new Option<int[]>("--pids") { Description = "Processes of the server, whose use of processor and memory is shown.", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };

var instantiation = new Command("instantiation", "Makes agents with one tool: time and bytes.");
instantiation.SetAction(_ => BenchmarkRunner.Run<AgentInstantiation>());

var runs = new Command("runs", "Runs an agent in process with a model that answers at once.") { store, callers, seconds };
runs.SetAction((parsed, stop) => RunThroughput.MeasureAsync(parsed.GetRequiredValue(store), parsed.GetRequiredValue(callers), parsed.GetRequiredValue(seconds), stop));

var session = new Command("session", "Compares run 5 of a session with run 500.") { store };
session.SetAction((parsed, stop) => SessionGrowth.MeasureAsync(parsed.GetRequiredValue(store), stop));

var http = new Command("http", "Runs an agent over HTTP: throughput and time to first event.") { url, agent, callers, seconds, pids };
http.SetAction((parsed, stop) => HttpThroughput.MeasureAsync(
    new Uri(parsed.GetRequiredValue(url)),
    parsed.GetRequiredValue(agent),
    new ThroughputSettings(parsed.GetRequiredValue(callers), parsed.GetRequiredValue(seconds), parsed.GetRequiredValue(pids)),
    stop));

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

return await new RootCommand("Measures the engine and its hosts. Build with -c Release.") { instantiation, runs, session, requests, http, readers }.Parse(args).InvokeAsync();
