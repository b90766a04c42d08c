using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Cluster.Contract.Tests.Deployment;

public sealed partial class ComposeTests
{
    private static readonly JsonNode Compose = Yaml.Read("docker-compose.yml");

    public static TheoryData<string> Services => [.. Compose["services"].Members().Select(service => service.Key)];

    public static TheoryData<string> Processes => [.. Compose["services"].Members().Select(service => service.Key).Where(name => name.StartsWith("silo-", StringComparison.Ordinal) || name.StartsWith("gateway-", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_sets_only_settings_that_exist(string service) => Assert.Empty(KnownSettings.Unknown(Variables(service)));

    [Theory]
    [MemberData(nameof(Processes))]
    public void A_process_has_the_same_settings_as_on_a_laptop(string service)
    {
        var kind = service.Split('-')[0];
        var laptop = LaptopSetting().Matches(Text("eng/cluster.sh")).Select(match => match.Groups[1].Value)
            .Where(name => name is "Cluster__Store" || (name.StartsWith("Gateway__", StringComparison.Ordinal) == (kind == "gateway")));

        Assert.Equal(laptop.Order(StringComparer.Ordinal), Variables(service).Where(name => name.Contains("__", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Processes))]
    public void A_process_is_granted_more_time_to_stop_than_it_takes(string service)
    {
        var section = service.StartsWith("silo", StringComparison.Ordinal) ? "Silo" : "Gateway";
        var granted = int.Parse(Service(service)["stop_grace_period"].Text().TrimEnd('s'), null);

        Assert.True(granted > KnownSettings.DefaultOf($"{section}__ShutdownSeconds") + KnownSettings.FlushSeconds);
    }

    [Theory]
    [MemberData(nameof(Processes))]
    public void A_process_starts_after_the_database_was_migrated(string service) =>
        Assert.Equal("service_completed_successfully", Service(service)["depends_on"]!["migrate"]!["condition"].Text());

    [Fact]
    public void A_silo_is_reached_by_its_name() =>
        Assert.All(Processes.Where(row => row.Data.StartsWith("silo", StringComparison.Ordinal)), row => Assert.Equal(row.Data, Service(row.Data)["environment"]!["Silo__Address"].Text()));

    [Fact]
    public void Only_the_proxy_is_published_and_only_on_this_machine()
    {
        var published = Compose["services"].Members().SelectMany(service => service.Value!["ports"].Items().Select(port => (service.Key, Port: port.Text())));

        var (name, port) = Assert.Single(published);
        Assert.Equal("proxy", name);
        Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal);
        Assert.Contains($":{KnownSettings.PortOf(port)} {{", Text("eng/Caddyfile"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_proxy_serves_every_gateway_and_asks_for_its_readiness()
    {
        var gateways = Processes.Select(row => row.Data).Where(name => name.StartsWith("gateway", StringComparison.Ordinal))
            .Select(name => $"{name}:{KnownSettings.PortOf(Service(name)["environment"]!["Gateway__Url"].Text())}");

        Assert.Contains($"reverse_proxy {string.Join(' ', gateways)} {{", Text("eng/Caddyfile"), StringComparison.Ordinal);
        Assert.Contains("health_uri /health/ready", Text("eng/Caddyfile"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_collector_listens_where_telemetry_is_sent()
    {
        var endpoints = Yaml.Read("eng/otel-collector.yaml").Find("endpoint").Select(endpoint => KnownSettings.PortOf(endpoint.Text())).ToArray();

        Assert.All(Processes, row => Assert.Contains(KnownSettings.PortOf(Service(row.Data)["environment"]!["OTEL_EXPORTER_OTLP_ENDPOINT"].Text()), endpoints));
    }

    [Fact]
    public void Files_that_are_mounted_or_built_from_are_there()
    {
        var mounted = Compose.Find("volumes").SelectMany(list => list.Items()).Select(volume => volume.Text()).Where(volume => volume.StartsWith("./", StringComparison.Ordinal)).Select(volume => volume.Split(':')[0]);
        var built = Compose.Find("dockerfile").Select(file => file.Text());

        Assert.All(mounted.Concat(built), path => Assert.True(File.Exists(Path.Combine(Repository.Root, path)), path));
    }

    [Fact]
    public void The_example_of_an_environment_file_names_every_variable_and_its_default()
    {
        var used = Variable().Matches(Text("docker-compose.yml")).Select(match => $"{match.Groups[1].Value}={match.Groups[2].Value}")
            .Concat(Processes.SelectMany(row => Service(row.Data)["environment"].Members()).Where(variable => string.IsNullOrEmpty(variable.Value?.Text())).Select(variable => $"#{variable.Key}="));

        var example = File.ReadLines(Path.Combine(Repository.Root, ".env.example")).Where(line => line.Length > 0 && !line.StartsWith("# ", StringComparison.Ordinal));

        Assert.Equal(used.Distinct().Order(StringComparer.Ordinal), example.Order(StringComparer.Ordinal));
    }

    private static JsonNode Service(string name) => Compose["services"]![name]!;

    private static IEnumerable<string> Variables(string service) => Service(service)["environment"].Members().Select(variable => variable.Key);

    private static string Text(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));

    [GeneratedRegex("""^ +echo "(\w+__\w+)=""", RegexOptions.Multiline)]
    private static partial Regex LaptopSetting();

    [GeneratedRegex(@"\$\{(\w+):-([^}]*)\}")]
    private static partial Regex Variable();
}
