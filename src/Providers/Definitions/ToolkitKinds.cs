using Cluster.Engine.Tools;

namespace Cluster.Providers.Definitions;

/// <summary>The toolkits that a definition makes with settings of its own.</summary>
internal static class ToolkitKinds
{
    /// <summary>Gets how each is made, by its name.</summary>
    public static IReadOnlyDictionary<string, Func<ToolkitSettings, Toolkit>> All { get; } = new Dictionary<string, Func<ToolkitSettings, Toolkit>>(StringComparer.Ordinal)
    {
        ["http"] = WebToolkitReader.Http,
        ["web_page"] = WebToolkitReader.WebPage,
        ["openapi"] = WebToolkitReader.OpenApi,
        ["hacker_news"] = WebToolkitReader.HackerNews,
        ["wikipedia"] = WebToolkitReader.Wikipedia,
        ["duckduckgo"] = WebToolkitReader.DuckDuckGo,
        ["github"] = WebToolkitReader.GitHub,
        ["slack"] = WebToolkitReader.Slack,
        ["files"] = LocalToolkitReader.Files,
        ["csv"] = LocalToolkitReader.Csv,
        ["shell"] = LocalToolkitReader.Shell,
        ["sql"] = LocalToolkitReader.Sql,
        ["email"] = LocalToolkitReader.Email,
    };
}
