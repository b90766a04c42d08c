using System.CommandLine;
using Cluster.ClusterBenchmarks;

var kind = new Option<string>("--kind") { Description = "waiting or memory.", DefaultValueFactory = _ => "waiting" };
var poll = new Option<int>("--poll") { Description = "How often memory streams are polled, in milliseconds.", DefaultValueFactory = _ => 10 };
var port = new Option<int>("--port") { Description = "The silo's port; its gateway has the next one.", DefaultValueFactory = _ => 21_111 };
var seconds = new Option<int>("--seconds") { Description = "How long the idle silo is watched.", DefaultValueFactory = _ => 20 };

var silo = new Command("silo", "The silo of a benchmark; ends with its standard input.") { kind, poll, port };
silo.SetAction((parsed, stop) => BenchmarkSilo.RunAsync(parsed.GetRequiredValue(kind), parsed.GetRequiredValue(poll), parsed.GetRequiredValue(port), stop));

var streams = new Command("streams", "Compares what carries run events from a silo to a client.") { port, seconds };
streams.SetAction((parsed, stop) => StreamComparison.MeasureAsync(parsed.GetRequiredValue(port), parsed.GetRequiredValue(seconds), stop));

var store = new Option<string>("--store") { Description = "postgres:CONNECTION of a database for this alone.", Required = true };
var sessions = new Option<int>("--sessions") { Description = "How many sessions.", DefaultValueFactory = _ => 20_000 };
var memory = new Command("memory", "Tells what a session costs in the memory of its silo, idle and dormant.") { store, sessions, port };
memory.SetAction((parsed, stop) => SessionMemory.MeasureAsync(parsed.GetRequiredValue(store), parsed.GetRequiredValue(sessions), parsed.GetRequiredValue(port), stop));

return await new RootCommand("Measures the cluster. Build with -c Release.") { streams, memory, silo }.Parse(args).InvokeAsync();
