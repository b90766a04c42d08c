using System.Collections.Immutable;
using Cluster.Engine.Errors;
using Microsoft.Extensions.Configuration;

namespace Cluster.Providers.Definitions;

/// <summary>What an agent's definition says of one of its toolkits. Secrets do not stand there: they come from configuration.</summary>
/// <param name="name">The toolkit's name in the definition.</param>
/// <param name="map">The settings; null without any.</param>
/// <param name="refuse">Makes the refusal of the toolkit at its place in the file.</param>
/// <param name="configuration">Where secrets are; null without configuration.</param>
internal sealed class ToolkitSettings(string name, YamlMap? map, Func<string, InvalidRequestException> refuse, IConfiguration? configuration)
{
    /// <summary>The configuration section that holds a section with secrets per toolkit.</summary>
    private const string SectionName = "Toolkits";

    public string Name => name;

    public string? Text(string key) => map?.Text(key);

    public string RequiredText(string key) => Text(key) ?? throw refuse($"The toolkit '{name}' needs '{key}'. Add it under 'settings'.");

    public bool Flag(string key, bool usual) => map?.OptionalFlag(key) ?? usual;

    /// <summary>Reads a whole number above 0.</summary>
    public int Integer(string key, int usual) => map?.Integer(key, 1) ?? usual;

    public TimeSpan Seconds(string key, TimeSpan usual) => map?.PositiveSeconds(key) ?? usual;

    public ImmutableArray<string> Texts(string key) => map?.Texts(key) ?? [];

    /// <summary>Finds a secret: in the toolkit's section of the configuration, else in a variable.</summary>
    /// <param name="key">What it is called.</param>
    /// <param name="variable">The variable's name; null for none.</param>
    /// <returns>The secret; null when there is none.</returns>
    /// <exception cref="InvalidRequestException">It stands in the definition.</exception>
    public string? Secret(string key, string? variable = null)
    {
        if (map?.Node(key) is not null)
        {
            throw refuse($"'{key}' of the toolkit '{name}' is a secret and does not belong into the file. {Remedy(key, variable)}");
        }

        return new[] { configuration?[Path(key)], variable is null ? null : configuration?[variable] }.FirstOrDefault(value => !string.IsNullOrWhiteSpace(value))?.Trim();
    }

    public string RequiredSecret(string key, string? variable = null) =>
        Secret(key, variable) ?? throw refuse($"The toolkit '{name}' needs '{key}', which is a secret. {Remedy(key, variable)}");

    /// <summary>Makes a refusal of the toolkit.</summary>
    public InvalidRequestException Error(string message) => refuse(message);

    private string Path(string key) => $"{SectionName}:{name}:{string.Concat(key.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]))}";

    private string Remedy(string key, string? variable) =>
        $"Set {Path(key)} in the configuration{(variable is null ? string.Empty : $", or the environment variable {variable}")}.";
}
