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

return await new RootCommand("Measures the cluster. Build with -c Release.") { streams, silo }.Parse(args).InvokeAsync();
