using System.Collections.Immutable;
using System.ComponentModel;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits.Http;

namespace Cluster.Providers.Toolkits.Apis;

/// <summary>Repositories, issues and files on GitHub.</summary>
public static class GitHubToolkit
{
    /// <summary>Makes the toolkit <c>github</c>.</summary>
    /// <param name="options">How the API is called and what may be done; null for the defaults.</param>
    /// <returns>The toolkit.</returns>
    public static Toolkit Create(GitHubToolkitOptions? options = null)
    {
        var settings = options ?? new GitHubToolkitOptions();
        ImmutableArray<KeyValuePair<string, string>> headers = [new("Accept", "application/vnd.github+json"), new("X-GitHub-Api-Version", "2022-11-28")];
        var tools = new GitHubTools(
            new ApiClient(
                ApiAddress.Of("GitHub", settings.BaseUrl, "https://api.github.com"),
                settings.Token is { } token ? headers.Add(new("Authorization", $"Bearer {token}")) : headers,
                new FetchLimits { MaxBytes = 4 * 1024 * 1024, Timeout = settings.Timeout }),
            settings.Repositories);
        var reading = new ToolOptions { Effect = ToolEffect.Pure };
        ImmutableArray<Tool> all =
        [
            Tool.Create(tools.GetRepositoryAsync, reading), Tool.Create(tools.ListIssuesAsync, reading), Tool.Create(tools.GetIssueAsync, reading),
            Tool.Create(tools.GetFileContentAsync, reading), Tool.Create(tools.SearchGithubAsync, reading),
        ];
        return new Toolkit { Name = "github", Tools = settings.AllowWrite ? all.Add(Tool.Create(tools.CreateIssueAsync)) : all };
    }
}

/// <summary>The tools of GitHub.</summary>
/// <param name="client">The API.</param>
/// <param name="repositories">The only repositories; empty for all.</param>
internal sealed partial class GitHubTools(ApiClient client, ImmutableArray<string> repositories)
{
    private const int MostItems = 50;
    private const int LongestFile = 50_000;
    private const string RepositoryDescription = "The repository, owner/name.";

    [Description("Tells about a repository on GitHub.")]
    public async Task<string> GetRepositoryAsync([Description(RepositoryDescription)] string repository, CancellationToken cancellationToken)
    {
        var found = await client.GetJsonAsync(PathOf(repository), cancellationToken);
        return ToolJson.Write(new
        {
            FullName = found.Text("full_name"),
            Description = found.Text("description"),
            DefaultBranch = found.Text("default_branch"),
            Language = found.Text("language"),
            License = found.Text("license", "spdx_id"),
            Stars = Number(found, "stargazers_count"),
            Forks = Number(found, "forks_count"),
            OpenIssues = Number(found, "open_issues_count"),
            Url = found.Text("html_url"),
            PushedAt = found.Text("pushed_at"),
        });
    }

    [Description("Lists issues of a repository, the newest first.")]
    public async Task<string> ListIssuesAsync(
        [Description(RepositoryDescription)] string repository,
        CancellationToken cancellationToken,
        [Description("open, closed or all.")] string state = "open",
        [Description("How many, at most 50.")] int limit = 20,
        [Description("Which page of that many, counted from 1.")] int page = 1)
    {
        if (state is not ("open" or "closed" or "all"))
        {
            throw new InvalidRequestException($"'{state}' is no state. Use open, closed or all.");
        }

        var issues = await client.GetJsonAsync($"{PathOf(repository)}/issues?state={state}&per_page={Math.Clamp(limit, 1, MostItems)}&page={Math.Max(page, 1)}", cancellationToken);

        // GitHub lists pull requests among the issues.
        return ToolJson.Write(issues.List().Where(issue => issue.At("pull_request").ValueKind == JsonValueKind.Undefined).Select(issue => Shown(issue, withBody: false)));
    }

    [Description("Gives one issue of a repository with its text and comments.")]
    public async Task<string> GetIssueAsync([Description(RepositoryDescription)] string repository, [Description("The issue's number.")] int number, CancellationToken cancellationToken)
    {
        var issue = await client.GetJsonAsync($"{PathOf(repository)}/issues/{number}", cancellationToken);
        var comments = await client.GetJsonAsync($"{PathOf(repository)}/issues/{number}/comments?per_page={MostItems}", cancellationToken);
        return ToolJson.Write(new
        {
            Issue = Shown(issue, withBody: true),
            Comments = comments.List().Select(comment => new { Author = comment.Text("user", "login"), CreatedAt = comment.Text("created_at"), Body = comment.Text("body") }),
        });
    }

    [Description("Opens an issue in a repository.")]
    public async Task<string> CreateIssueAsync(
        [Description(RepositoryDescription)] string repository,
        [Description("The title.")] string title,
        CancellationToken cancellationToken,
        [Description("The text, in markdown.")] string body = "",
        [Description("Labels; null for none.")] string[]? labels = null) =>
        ToolJson.Write(Shown(await client.PostJsonAsync($"{PathOf(repository)}/issues", new { title, body, labels = labels ?? [] }, cancellationToken), withBody: false));

    [Description("Reads a text file of a repository, or lists a directory.")]
    public async Task<string> GetFileContentAsync(
        [Description(RepositoryDescription)] string repository,
        [Description("The path in the repository; empty for the top directory.")] string path,
        CancellationToken cancellationToken,
        [Description("A branch, tag or commit; null for the default branch.")] string? reference = null)
    {
        var steps = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (steps.Any(step => step is "." or ".."))
        {
            throw new InvalidRequestException($"'{path}' is no path of a repository. Give one without dots, from the top.");
        }

        var found = await client.GetJsonAsync(
            $"{PathOf(repository)}/contents/{string.Join('/', steps.Select(Uri.EscapeDataString))}{(reference is null ? string.Empty : $"?ref={Uri.EscapeDataString(reference)}")}", cancellationToken);
        return found.ValueKind == JsonValueKind.Array
            ? string.Join('\n', found.List().Select(entry => entry.Text("type") == "dir" ? $"{entry.Text("path")}/" : entry.Text("path")))
            : BoundedRead.Shorten(Decode(found, path), LongestFile, "The file is too long to be read as a whole.");
    }

    [Description("Searches GitHub for repositories, issues or code.")]
    public async Task<string> SearchGithubAsync(
        [Description("What to look for, in GitHub's search syntax, for instance repo:dotnet/orleans timer.")] string query,
        CancellationToken cancellationToken,
        [Description("repositories, issues or code.")] string kind = "repositories",
        [Description("How many, at most 50.")] int limit = 10)
    {
        if (kind is not ("repositories" or "issues" or "code"))
        {
            throw new InvalidRequestException($"'{kind}' cannot be searched. Use repositories, issues or code.");
        }

        var found = await client.GetJsonAsync($"/search/{kind}?per_page={Math.Clamp(limit, 1, MostItems)}&q={Uri.EscapeDataString(query)}", cancellationToken);
        return ToolJson.Write(found.List("items").Where(IsAllowed).Select(item => new
        {
            Name = item.Text("full_name") ?? item.Text("title") ?? item.Text("path"),
            Repository = item.Text("repository", "full_name"),
            Description = item.Text("description"),
            State = item.Text("state"),
            Url = item.Text("html_url"),
        }));
    }

    private static object Shown(JsonElement issue, bool withBody) => new
    {
        Number = Number(issue, "number"),
        Title = issue.Text("title"),
        State = issue.Text("state"),
        Author = issue.Text("user", "login"),
        Labels = issue.List("labels").Select(label => label.Text("name")),
        CreatedAt = issue.Text("created_at"),
        Url = issue.Text("html_url"),
        Body = withBody ? issue.Text("body") : null,
    };

    private static long? Number(JsonElement item, string member) => item.At(member) is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : null;

    private static string Decode(JsonElement file, string path)
    {
        if (file.Text("encoding") != "base64" || file.Text("content") is not { } content)
        {
            throw new InvalidRequestException($"'{path}' is no file that GitHub gives as text. Read another one.");
        }

        var bytes = Convert.FromBase64String(content.Replace("\n", string.Empty, StringComparison.Ordinal));
        return bytes.Contains((byte)0) ? throw new InvalidRequestException($"'{path}' is no text file. Read another one.") : Encoding.UTF8.GetString(bytes);
    }

    /// <summary>A search may find what the agent must not see: the part of the item's own address behind <c>/repos/</c> tells whose it is.</summary>
    private bool IsAllowed(JsonElement item) => repositories.IsEmpty ||
        (item.Text("repository", "full_name") ?? item.Text("full_name") ?? item.Text("repository_url")?.Split("/repos/")[^1]) is { } name && IsAllowed(name);

    private bool IsAllowed(string repository) => repositories.IsEmpty || repositories.Any(allowed => allowed.EndsWith("/*", StringComparison.Ordinal)
        ? repository.StartsWith(allowed[..^1], StringComparison.OrdinalIgnoreCase)
        : repository.Equals(allowed, StringComparison.OrdinalIgnoreCase));

    private string PathOf(string repository) =>
        !Repository().IsMatch(repository) || repository.Split('/').Any(part => part is "." or "..") ? throw new InvalidRequestException($"'{repository}' is no repository. Write owner/name.")
            : IsAllowed(repository) ? $"/repos/{repository}"
            : throw new ForbiddenException($"The repository '{repository}' is not allowed. Allowed are: {string.Join(", ", repositories)}.");

    [GeneratedRegex(@"^[\w.-]+/[\w.-]+\z")]
    private static partial Regex Repository();
}
