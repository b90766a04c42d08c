using System.CommandLine;
using Cluster.Engine.Errors;
using Cluster.Silo.Postgres;
using Cluster.Storage.Postgres;

namespace Cluster.Grains.Tests.Postgres;

public sealed class MigrateCommandTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_database_is_brought_up_and_down_and_the_versions_are_told()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var latest = PostgresMigrator.LatestVersion;

        Assert.Equal((0, $"Migrated the database from schema version 0 to {latest}.\n", ""), await RunAsync(schema, "migrate"));
        Assert.Equal((0, $"The database has schema version {latest}: nothing to do.\n", ""), await RunAsync(schema, "migrate"));
        Assert.Equal((0, $"Migrated the database from schema version {latest} to 1.\n", ""), await RunAsync(schema, "migrate", "--down", "1"));

        Assert.Equal(1, await schema.Migrator.GetVersionAsync(Stop));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("last")]
    [InlineData("99")]
    public async Task A_version_that_there_is_not_is_refused_and_nothing_changes(string version)
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();

        var (exitCode, _, error) = await RunAsync(schema, "migrate", "--down", version);

        Assert.NotEqual(0, exitCode);
        Assert.Contains(version, error, StringComparison.Ordinal);
        Assert.Equal(PostgresMigrator.LatestVersion, await schema.Migrator.GetVersionAsync(Stop));
    }

    [Fact]
    public async Task A_server_that_is_away_and_settings_without_a_connection_are_told_in_one_line()
    {
        var (away, _, awayError) = await RunAsync(_ => "Host=127.0.0.1;Port=1;Username=u;Password=secret;Database=d", "migrate");
        var (unset, _, unsetError) = await RunAsync(_ => throw new InvalidRequestException("No store is set."), "migrate");

        Assert.Equal((1, 1, "No store is set.\n"), (away, unset, unsetError));
        Assert.Contains("127.0.0.1:1", awayError, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", awayError, StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(PostgresSchema schema, params string[] args) => RunAsync(_ => schema.ConnectionString, args);

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(Func<ParseResult, string> connectionString, params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var root = new RootCommand { MigrateCommand.Create(connectionString) };

        var exitCode = await root.Parse(args).InvokeAsync(new InvocationConfiguration { Output = output, Error = error }, Stop);

        return (exitCode, output.ToString(), error.ToString());
    }
}
