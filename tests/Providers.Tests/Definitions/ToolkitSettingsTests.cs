using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Definitions;
using Cluster.Providers.Tests.Toolkits;
using Microsoft.Extensions.Configuration;

namespace Cluster.Providers.Tests.Definitions;

public sealed class ToolkitSettingsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Every_toolkit_is_made_with_its_settings()
    {
        _directory.Add("petstore.yaml", "openapi: 3.1.0\nservers: [{url: 'https://pets.example'}]\npaths: {/pets: {get: {operationId: listPets}, post: {operationId: createPet}}}");
        _directory.Add("a.csv", "x|y\n1|2");
        var agent = Load(
            """
            agents:
              - id: a
                tools:
                  - {name: http, settings: {allowed_hosts: [example.com], denied_hosts: x.example, allow_post: true, allow_private_addresses: true, max_bytes: 10, max_letters: 10, max_redirects: 1, timeout: 5}}
                  - {name: web_page, settings: {allowed_hosts: example.com, max_letters: 100, timeout: 1.5}}
                  - {name: files, settings: {root: ROOT, allow_write: false, allow_delete: true, max_file_bytes: 100, max_letters: 10, max_entries: 5}, requires_confirmation: true}
                  - {name: notes, toolkit: files, settings: {root: ROOT/notes}, include: read_file}
                  - {name: csv, settings: {root: ROOT, delimiter: "|", max_rows: 1}}
                  - {name: shell, settings: {root: ROOT, allow: true, allowed_commands: [echo], timeout: 3, max_output_bytes: 10}}
                  - {name: sql, settings: {allow_write: true, timeout: 3, max_rows: 5, max_value_letters: 9}}
                  - {name: pets, toolkit: openapi, settings: {document: ROOT/petstore.yaml, include: [listPets, createPet], exclude: createPet, prefix: p_, base_url: "http://127.0.0.1:1", idempotency_header: Idempotency-Key, api_key_header: X-Key}}
                  - {name: email, settings: {host: localhost, port: 25, start_tls: false, user: bot, from: bot@example.com, recipients: ["*@example.com"], max_recipients: 2, timeout: 9}}
                  - {name: github, settings: {base_url: "http://127.0.0.1:1", repositories: [a/b], allow_write: true, timeout: 9}}
                  - {name: slack, settings: {channels: ["#team"]}}
                  - {name: wikipedia, settings: {base_url: "https://de.wikipedia.org", timeout: 9}}
                  - hacker_news
                  - duckduckgo
            """,
            ("Toolkits:sql:ConnectionString", "Host=localhost"),
            ("Toolkits:pets:ApiKey", "k"),
            ("Toolkits:email:Password", "p"),
            ("SLACK_TOKEN", "t"));

        Assert.Equal(
            [
                "http: http_fetch, http_post", "web_page: read_web_page", "files: list_files, find_files, search_files, read_file, delete_file", "notes: read_file",
                "csv: list_csv_files, list_csv_columns, query_csv_file", "shell: run_shell_command", "sql: list_tables, describe_table, run_sql_query, run_sql_statement", "pets: p_listPets",
                "email: send_email", "github: get_repository, list_issues, get_issue, get_file_content, search_github, create_issue", "slack: send_slack_message",
                "wikipedia: search_wikipedia, read_wikipedia_article", "hacker_news: get_top_hackernews_stories, get_hackernews_item, get_hackernews_user", "duckduckgo: web_search",
            ],
            agent.Toolkits.Select(toolkit => $"{toolkit.Name}: {string.Join(", ", toolkit.Offered.Select(tool => tool.Name))}"));
        Assert.All(agent.Toolkits[2].Tools, tool => Assert.True(tool.Options.RequiresConfirmation));
        Assert.Equal("""{"columns":["y"],"rows":[["2"]],"matching_rows":1}""", await agent.Toolkits[4].CallAsync("query_csv_file", new { file = "a.csv", columns = new[] { "y" } }));
        Assert.Contains("\"output\":\"hi\\n\"", await agent.Toolkits[5].CallAsync("run_shell_command", new { command = "echo hi" }), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_tool_and_every_argument_is_described()
    {
        var agent = Load(
            """
            agents:
              - id: a
                tools:
                  - {name: http, settings: {allow_post: true}}
                  - {name: files, settings: {root: ROOT, allow_delete: true}}
                  - {name: csv, settings: {root: ROOT}}
                  - {name: shell, settings: {root: ROOT}}
                  - {name: sql, settings: {allow_write: true}}
                  - {name: email, settings: {host: h, from: a@b.c, recipients: "*"}}
                  - {name: github, settings: {allow_write: true}}
                  - web_page
                  - slack
                  - wikipedia
                  - hacker_news
                  - duckduckgo
            """,
            ("Toolkits:sql:ConnectionString", "Host=localhost"),
            ("Toolkits:slack:Token", "t"));

        Assert.All(agent.OfferedTools, tool => Assert.NotEmpty(tool.Description));
        Assert.All(
            agent.OfferedTools.SelectMany(tool => tool.Parameters.TryGetProperty("properties", out var properties) ? properties.EnumerateObject().Select(property => (tool.Name, property)) : []),
            argument => Assert.True(argument.property.Value.TryGetProperty("description", out _), $"{argument.Name}.{argument.property.Name}"));
    }

    [Theory]
    [InlineData("files", "The toolkit 'files' needs 'root'. Add it under 'settings'.")]
    [InlineData("{name: files, settings: {rot: x, root: y}}", "The settings of 'files' has the unknown key 'rot'. Did you mean 'root'?")]
    [InlineData("{name: http, settings: {timeout: 0}}", "'timeout' of the settings of 'http' is '0'. Make it a number of seconds above 0.")]
    [InlineData("{name: http, settings: {max_bytes: 0}}", "'max_bytes' of the settings of 'http' is '0'. Make it a whole number, 1 or more.")]
    [InlineData("{name: notes, toolkit: file}", "The tool 'notes' is of the unknown toolkit 'file'. Did you mean 'files'?")]
    [InlineData("{name: csv, settings: {root: x, delimiter: ab}}", "'delimiter' of the toolkit 'csv' is 'ab'. Make it one character that is no quotation mark and no line break.")]
    [InlineData("slack", "The toolkit 'slack' needs 'token', which is a secret. Set Toolkits:slack:Token in the configuration, or the environment variable SLACK_TOKEN.")]
    [InlineData("{name: github, settings: {token: abc}}", "'token' of the toolkit 'github' is a secret and does not belong into the file. Set Toolkits:github:Token in the configuration, or the environment variable GITHUB_ACCESS_TOKEN.")]
    [InlineData("sql", "The toolkit 'sql' needs 'connection_string', which is a secret. Set Toolkits:sql:ConnectionString in the configuration.")]
    [InlineData("{name: openapi, settings: {document: /nowhere.yaml}}", "The document '/nowhere.yaml' of the toolkit 'openapi' cannot be read. Correct 'document'.")]
    [InlineData("{name: pets, toolkit: openapi, settings: {document: ROOT/old.json}}", "The toolkit 'pets' cannot be made. The document is no OpenAPI 3 document: it has no 'openapi: 3…'. Convert older ones first.")]
    public void A_mistake_is_named_with_its_place_and_the_remedy(string tool, string message)
    {
        _directory.Add("old.json", "{}");

        var refusal = Assert.Throws<InvalidRequestException>(() => Load($"agents:\n  - id: a\n    tools:\n      - {tool}"));

        Assert.Equal($"agents.yaml, line 4: {message}", refusal.Message);
    }

    [Fact]
    public void What_is_registered_wins_over_what_could_be_made()
    {
        var mine = new Toolkit { Name = "http", Tools = [Tool.Create(() => "mine", new ToolOptions { Name = "mine" })] };
        using var reader = new StringReader("agents: [{id: a, tools: [http]}]");

        Assert.Equal(["mine"], Assert.Single(AgentDefinitions.Load(reader, new KnownTools([], [mine]))).OfferedTools.Select(tool => tool.Name));
    }

    private Agent Load(string yaml, params (string Key, string Value)[] secrets)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(secrets.Select(secret => KeyValuePair.Create(secret.Key, (string?)secret.Value))).Build();
        using var reader = new StringReader(yaml.Replace("ROOT", _directory.Path, StringComparison.Ordinal));
        return Assert.Single(AgentDefinitions.Load(reader, new KnownTools([], [], configuration)));
    }
}
