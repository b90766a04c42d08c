using Cluster.Engine.Guardrails;
using Cluster.Engine.Memory;
using Cluster.Engine.Models;
using Cluster.Engine.Scopes;
using Cluster.Engine.Tools;
using Cluster.Providers.Definitions;
using Cluster.Providers.Mcp;
using Cluster.Providers.Models;
using Cluster.Providers.Toolkits;
using Cluster.Providers.Toolkits.Memory;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers models and agent definitions.</summary>
public static class ProvidersServiceCollectionExtensions
{
    /// <summary>
    /// Adds every vendor that is built in, and those that configuration adds: each section <c>Models:&lt;name&gt;</c> with a <c>BaseUrl</c>.
    /// Calling it twice is the same as calling it once.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddModelProviders(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(service => service.ServiceType == typeof(VendorSurroundings)))
        {
            return services;
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<ModelVendorOptions>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ModelVendorOptions>, ModelVendorOptionsValidator>());
        services.AddSingleton<IConfigureOptions<ModelVendorOptions>, VendorSections>();
        services.AddSingleton<VendorHttp>();
        services.AddSingleton<VendorSurroundings>();
        foreach (var vendor in ModelVendor.OpenAICompatible.Add(ModelVendor.Anthropic))
        {
            services.AddOptions<ModelVendorOptions>(vendor.Name).ValidateOnStart();
            services.AddSingleton<IModelProvider>(provider => new VendorModelProvider(vendor, provider.GetRequiredService<VendorSurroundings>()));
        }

        // How many vendors configuration adds is only known when it can be read, so they join in the catalog.
        services.RemoveAll<ModelCatalog>();
        return services.AddSingleton(CreateCatalog);
    }

    /// <summary>
    /// Adds the agents of a YAML file. They may name every <see cref="Tool"/>, <see cref="Toolkit"/> and <see cref="IGuardrail"/> that is registered, and the built-in toolkits
    /// <c>calculator</c>, <c>clock</c>, <c>reasoning</c>, <c>sleep</c>, <c>session_state</c>, <c>memory</c> and <c>user_control_flow</c>, and make toolkits with settings of their own, for instance <c>files</c>; their secrets
    /// come from the sections <c>Toolkits:&lt;name&gt;</c> of the configuration. The file is read now; what it says of tools is checked when the agents are first asked for.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="path">The file.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    /// <exception cref="Cluster.Engine.Errors.InvalidRequestException">The file is missing or wrong.</exception>
    public static IServiceCollection AddAgentDefinitions(this IServiceCollection services, string path)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(CreateKnownTools);
        foreach (var build in AgentDefinitions.Parse(path))
        {
            services.AddSingleton(provider => build(provider.GetRequiredService<KnownTools>()));
        }

        return services;
    }

    /// <summary>
    /// Lets users log in to MCP servers that this process uses. Tokens are kept by the <see cref="IMcpTokens"/> that is registered, else in this process only.
    /// Whoever serves the callback calls <see cref="McpLogins.CompleteAsync"/>. Calling it twice is the same as calling it once.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="callbackUrl">The address to which the users' browsers bring the answers.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddMcpLogins(this IServiceCollection services, Uri callbackUrl)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new McpLogins(callbackUrl, provider.GetService<IMcpTokens>(), provider.GetRequiredService<TimeProvider>()));
        return services;
    }

    private static KnownTools CreateKnownTools(IServiceProvider provider)
    {
        var tools = provider.GetServices<Tool>().ToArray();
        var toolkits = provider.GetServices<Toolkit>().ToArray();
        var taken = tools.Select(tool => tool.Name).Concat(toolkits.Select(toolkit => toolkit.Name)).ToHashSet(StringComparer.Ordinal);
        var timeProvider = provider.GetRequiredService<TimeProvider>();
        Toolkit[] builtIn =
        [
            CalculatorToolkit.Create(), ClockToolkit.Create(timeProvider), ReasoningToolkit.Create(), SleepToolkit.Create(timeProvider), SessionStateToolkit.Create(),
            UserControlToolkit.Create(), .. provider.GetKeyedService<IUserMemoryStore>(TenantId.Default) is not null ? [MemoryToolkit.Create(tenant => provider.GetRequiredKeyedService<IUserMemoryStore>(tenant), timeProvider)] : Array.Empty<Toolkit>(),
        ];
        return new KnownTools(tools, toolkits.Concat(builtIn.Where(toolkit => !taken.Contains(toolkit.Name))), provider.GetService<IConfiguration>())
        {
            Guardrails = [.. provider.GetServices<IGuardrail>()],
            Logins = provider.GetService<McpLogins>(),
            Surroundings = provider.GetService<VendorSurroundings>(),
        };
    }

    private static ModelCatalog CreateCatalog(IServiceProvider provider)
    {
        var surroundings = provider.GetRequiredService<VendorSurroundings>();
        var registered = provider.GetServices<IModelProvider>().ToList();
        var known = registered.Select(vendor => vendor.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var sections = surroundings.Configuration?.GetSection(ModelVendorOptions.SectionName).GetChildren() ?? [];
        return new ModelCatalog(registered.Concat(sections
            .Where(section => section.Value is null && !known.Contains(section.Key))
            .Select(section => new VendorModelProvider(new ModelVendor(section.Key, section.Key, BaseUrl: null) { Dialect = WireDialect.Custom }, surroundings))));
    }

    /// <summary>Binds the options of every vendor to the section of its name.</summary>
    private sealed class VendorSections(IConfiguration? configuration = null) : IConfigureNamedOptions<ModelVendorOptions>
    {
        public void Configure(string? name, ModelVendorOptions options) =>
            configuration?.GetSection(ModelVendorOptions.SectionName).GetSection(name ?? string.Empty).Bind(options);

        public void Configure(ModelVendorOptions options) => Configure(Options.Options.DefaultName, options);
    }
}
