using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits.Apis;
using Cluster.Providers.Toolkits.Http;
using Cluster.Providers.Toolkits.OpenApi;
using Cluster.Providers.Toolkits.WebPages;

namespace Cluster.Providers.Definitions;

/// <summary>Makes the toolkits of the internet as a definition wants them.</summary>
internal static class WebToolkitReader
{
    public static Toolkit Http(ToolkitSettings settings)
    {
        var usual = new HttpToolkitOptions();
        return HttpToolkit.Create(usual with
        {
            AllowedHosts = settings.Texts("allowed_hosts"),
            DeniedHosts = settings.Texts("denied_hosts"),
            AllowPost = settings.Flag("allow_post", usual.AllowPost),
            AllowPrivateAddresses = settings.Flag("allow_private_addresses", usual.AllowPrivateAddresses),
            MaxBytes = settings.Integer("max_bytes", usual.MaxBytes),
            MaxLetters = settings.Integer("max_letters", usual.MaxLetters),
            MaxRedirects = settings.Integer("max_redirects", usual.MaxRedirects),
            Timeout = settings.Seconds("timeout", usual.Timeout),
        });
    }

    public static Toolkit WebPage(ToolkitSettings settings)
    {
        var usual = new WebPageToolkitOptions();
        return WebPageToolkit.Create(usual with
        {
            AllowedHosts = settings.Texts("allowed_hosts"),
            DeniedHosts = settings.Texts("denied_hosts"),
            AllowPrivateAddresses = settings.Flag("allow_private_addresses", usual.AllowPrivateAddresses),
            MaxBytes = settings.Integer("max_bytes", usual.MaxBytes),
            MaxLetters = settings.Integer("max_letters", usual.MaxLetters),
            Timeout = settings.Seconds("timeout", usual.Timeout),
        });
    }

    public static Toolkit OpenApi(ToolkitSettings settings)
    {
        var usual = new OpenApiToolkitOptions { Document = ReadDocument(settings), Name = settings.Name };
        var options = usual with
        {
            BaseUrl = settings.Text("base_url"),
            BearerToken = settings.Secret("bearer_token"),
            ApiKey = settings.Secret("api_key"),
            ApiKeyHeader = settings.Text("api_key_header"),
            Include = settings.Texts("include"),
            Exclude = settings.Texts("exclude"),
            Prefix = settings.Text("prefix") ?? usual.Prefix,
            IdempotencyHeader = settings.Text("idempotency_header"),
            MaxLetters = settings.Integer("max_letters", usual.MaxLetters),
            Timeout = settings.Seconds("timeout", usual.Timeout),
        };
        try
        {
            return OpenApiToolkit.Create(options);
        }
        catch (InvalidRequestException unusable)
        {
            throw settings.Error($"The toolkit '{settings.Name}' cannot be made. {unusable.Message}");
        }
    }

    public static Toolkit HackerNews(ToolkitSettings settings) => HackerNewsToolkit.Create(Api(settings));

    public static Toolkit Wikipedia(ToolkitSettings settings) => WikipediaToolkit.Create(Api(settings));

    public static Toolkit DuckDuckGo(ToolkitSettings settings) => DuckDuckGoToolkit.Create(Api(settings));

    public static Toolkit GitHub(ToolkitSettings settings)
    {
        var usual = new GitHubToolkitOptions();
        return GitHubToolkit.Create(usual with
        {
            BaseUrl = settings.Text("base_url"),
            Timeout = settings.Seconds("timeout", usual.Timeout),
            Token = settings.Secret("token", "GITHUB_ACCESS_TOKEN"),
            Repositories = settings.Texts("repositories"),
            AllowWrite = settings.Flag("allow_write", usual.AllowWrite),
        });
    }

    public static Toolkit Slack(ToolkitSettings settings)
    {
        var usual = new SlackToolkitOptions { Token = settings.RequiredSecret("token", "SLACK_TOKEN") };
        return SlackToolkit.Create(usual with { BaseUrl = settings.Text("base_url"), Timeout = settings.Seconds("timeout", usual.Timeout), Channels = settings.Texts("channels") });
    }

    private static ApiToolkitOptions Api(ToolkitSettings settings)
    {
        var usual = new ApiToolkitOptions();
        return usual with { BaseUrl = settings.Text("base_url"), Timeout = settings.Seconds("timeout", usual.Timeout) };
    }

    private static string ReadDocument(ToolkitSettings settings)
    {
        var path = settings.RequiredText("document");
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            throw settings.Error($"The document '{path}' of the toolkit '{settings.Name}' cannot be read. Correct 'document'.");
        }
    }
}
