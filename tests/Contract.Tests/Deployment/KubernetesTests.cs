using System.Text.Json.Nodes;

namespace Cluster.Contract.Tests.Deployment;

public sealed class KubernetesTests
{
    public static TheoryData<string> Folders => [.. Manifests.Folders];

    public static TheoryData<string> Workloads => [.. Workload.All.Select(workload => workload.Name)];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_kustomization_lists_every_file_of_its_folder(string folder)
    {
        var kustomization = Manifests.KustomizationOf(folder);
        var listed = kustomization["resources"].Items().Select(resource => resource.Text()).Where(resource => !resource.Contains('/', StringComparison.Ordinal))
            .Concat(kustomization["patches"].Items().Select(patch => patch["path"].Text()))
            .Concat(kustomization["configMapGenerator"].Items().SelectMany(map => map["envs"].Items()).Select(file => file.Text()))
            .Append("kustomization.yaml");

        var files = Directory.EnumerateFiles(Path.Combine(Repository.Root, folder)).Select(file => Path.GetFileName(file));

        Assert.Equal(files.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Workloads))]
    public void A_pod_sets_only_settings_that_exist(string workload) => Assert.Empty(KnownSettings.Unknown(Find(workload).Settings.Keys));

    [Theory]
    [InlineData("silo", "Silo__Url", "health")]
    [InlineData("silo", "Silo__Port", "silo")]
    [InlineData("silo", "Cluster__GatewayPort", "gateways")]
    [InlineData("gateway", "Gateway__Url", "http")]
    public void A_pod_opens_the_port_at_which_its_program_listens(string workload, string setting, string port) =>
        Assert.Equal(KnownSettings.PortOf(Find(workload).Settings[setting]!), Find(workload).PortOf(port));

    [Theory]
    [InlineData("silo", "health")]
    [InlineData("gateway", "http")]
    public void Probes_ask_the_port_that_serves_health_and_wait_as_long_as_its_checks_take(string workload, string port)
    {
        var probes = new[] { "startupProbe", "livenessProbe", "readinessProbe" }.Select(name => Find(workload).Container[name]!).ToArray();

        Assert.Equal(["/health/live", "/health/live", "/health/ready"], probes.Select(probe => probe["httpGet"]!["path"].Text()));
        Assert.All(probes, probe => Assert.Equal(port, probe["httpGet"]!["port"].Text()));
        Assert.All(probes, probe => Assert.True(probe["timeoutSeconds"].Number() > 2));
    }

    [Theory]
    [InlineData("silo", "Silo__ShutdownSeconds")]
    [InlineData("gateway", "Gateway__ShutdownSeconds")]
    public void A_pod_is_granted_more_time_to_stop_than_its_program_takes(string workload, string setting)
    {
        var pause = Find(workload).Container["lifecycle"]?["preStop"]?["sleep"]?["seconds"].Number() ?? 0;
        var shutdown = int.Parse(Find(workload).Settings[setting]!, System.Globalization.CultureInfo.InvariantCulture);

        Assert.True(Find(workload).Pod["terminationGracePeriodSeconds"].Number() > pause + shutdown + KnownSettings.FlushSeconds);
    }

    [Fact]
    public void Runs_are_handed_over_before_the_shutdown_ends()
    {
        var settings = Find("silo").Settings;

        Assert.True(int.Parse(settings["Silo__HandOverSeconds"]!, null) < int.Parse(settings["Silo__ShutdownSeconds"]!, null));
    }

    [Theory]
    [MemberData(nameof(Workloads))]
    public void A_pod_has_no_rights_that_it_does_not_need(string workload)
    {
        var (pod, container) = (Find(workload).Pod, Find(workload).Container);

        Assert.Equal("true", pod["securityContext"]!["runAsNonRoot"].Text());
        Assert.Equal("RuntimeDefault", pod["securityContext"]!["seccompProfile"]!["type"].Text());
        Assert.Equal("false", pod["automountServiceAccountToken"].Text());
        Assert.Equal("true", container["securityContext"]!["readOnlyRootFilesystem"].Text());
        Assert.Equal("false", container["securityContext"]!["allowPrivilegeEscalation"].Text());
        Assert.Equal("ALL", Assert.Single(container["securityContext"]!["capabilities"]!["drop"].Items()).Text());
        Assert.NotNull(container["resources"]!["limits"]!["memory"]);
    }

    [Theory]
    [MemberData(nameof(Workloads))]
    public void A_pod_mounts_volumes_that_it_has(string workload)
    {
        var volumes = Find(workload).Pod["volumes"].Items().Select(volume => volume["name"].Text())
            .Concat(Find(workload).Manifest["spec"]!["volumeClaimTemplates"].Items().Select(claim => claim["metadata"]!["name"].Text()));

        Assert.Equal(Find(workload).Container["volumeMounts"].Items().Select(mount => mount["name"].Text()).Order(StringComparer.Ordinal), volumes.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_selector_finds_the_pods_of_a_workload()
    {
        var selectors = Manifests.All.Select(found => found.Manifest).SelectMany(manifest => manifest.Find("matchLabels").Where(labels => labels["agents-api"] is null))
            .Concat(Manifests.OfKind("Service").Select(service => service["spec"]!["selector"]!))
            .Concat(Manifests.All.SelectMany(found => found.Manifest.Find("matchExpressions")).SelectMany(list => list.Items())
                .SelectMany(one => one["values"].Items().Select(value => new JsonObject { [one["key"].Text()] = value.Text() })));

        Assert.All(selectors, selector => Assert.Contains(Workload.All, workload => Selects(selector, workload)));
    }

    [Fact]
    public void Services_and_network_policies_name_ports_of_the_pods_that_they_select()
    {
        var services = Manifests.OfKind("Service").Select(service => (Selector: service["spec"]!["selector"]!, Ports: service.Find("targetPort")));
        var policies = Manifests.OfKind("NetworkPolicy").Select(policy => (Selector: policy["spec"]!["podSelector"]!["matchLabels"]!, Ports: policy.Find("port")));

        Assert.All(
            services.Concat(policies).SelectMany(found => found.Ports.Select(port => (found.Selector, Port: port.Text()))),
            found => Assert.Contains(found.Port, Workload.All.Single(workload => Selects(found.Selector, workload)).PortNames));
    }

    [Theory]
    [MemberData(nameof(Workloads))]
    public void A_network_policy_says_who_may_connect_to_a_pod(string workload) =>
        Assert.Contains(Manifests.OfKind("NetworkPolicy"), policy => Selects(policy["spec"]!["podSelector"]!["matchLabels"]!, Find(workload)));

    [Fact]
    public void An_autoscaler_scales_a_deployment_that_fixes_no_number()
    {
        var target = Assert.Single(Manifests.OfKind("HorizontalPodAutoscaler"))["spec"]!["scaleTargetRef"]!;

        var scaled = Assert.Single(Manifests.OfKind(target["kind"].Text()), manifest => manifest["metadata"]!["name"].Text() == target["name"].Text());
        Assert.Null(scaled["spec"]!["replicas"]);
    }

    [Fact]
    public void Silos_and_gateways_survive_the_eviction_of_a_node()
    {
        var budgets = Manifests.OfKind("PodDisruptionBudget").Select(budget => budget["spec"]!["selector"]!["matchLabels"]!).ToArray();

        Assert.All(new[] { "silo", "gateway" }, name => Assert.Contains(budgets, selector => Selects(selector, Find(name))));
    }

    [Fact]
    public void No_secret_stands_in_a_manifest()
    {
        Assert.Empty(Manifests.OfKind("Secret"));
        Assert.All(Manifests.Folders, folder => Assert.Null(Manifests.KustomizationOf(folder)["secretGenerator"]));
        Assert.DoesNotContain(Workload.All.SelectMany(workload => workload.Settings), setting => setting.Value?.Contains("Password", StringComparison.OrdinalIgnoreCase) == true);
    }

    [Fact]
    public void The_database_s_connection_string_comes_from_the_secret_that_the_readme_names()
    {
        var stores = Workload.All.Where(workload => workload.IsOurs).Select(workload =>
            workload.Container["env"].Items().Single(variable => variable["name"].Text() == "Cluster__Store")["valueFrom"]!["secretKeyRef"]!);
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "k8s/README.md"));

        Assert.All(stores, store => Assert.Equal(("cluster-database", "store"), (store["name"].Text(), store["key"].Text())));
        Assert.Contains("create secret generic cluster-database", readme, StringComparison.Ordinal);
        Assert.Contains("--from-literal=store=", readme, StringComparison.Ordinal);
    }

    private static Workload Find(string name) => Workload.All.Single(workload => workload.Name == name);

    private static bool Selects(JsonNode selector, Workload workload) =>
        selector.Members().All(label => workload.Labels[label.Key]?.Text() == label.Value.Text());
}
