using System.CommandLine;
using Cluster.Engine.Errors;
using Cluster.Storage.Postgres;

namespace Cluster.Silo.Postgres;

/// <summary>The verb <c>migrate</c>: brings the database's schema up to this program's version, or down to an older one.</summary>
internal static class MigrateCommand
{
    /// <summary>Creates the command.</summary>
    /// <param name="connectionString">Finds Npgsql's connection string among the settings; it may refuse.</param>
    /// <returns>The command, which returns 0 when the database has the version, and 1 when it was refused.</returns>
    public static Command Create(Func<ParseResult, string> connectionString)
    {
        var down = new Option<int?>("--down") { Description = "Go down to this version instead; what only newer versions can keep is lost. 0 removes everything.", HelpName = "VERSION" };
        down.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var value }] && int.TryParse(value, out var version) && (version < 0 || version > PostgresMigrator.LatestVersion))
            {
                result.AddError($"There is no version {version}. Give one from 0 to {PostgresMigrator.LatestVersion}.");
            }
        });
        var contract = new Option<bool>("--contract") { Description = "Take away what only silos of the version before need. Do it when none of them runs any more." };
        var command = new Command("migrate", "Bring the schema of the PostgreSQL database up to this program's version.") { down, contract };
        command.Validators.Add(result =>
        {
            if (result.GetResult(down) is not null && result.GetValue(contract))
            {
                result.AddError("Give --down or --contract, not both.");
            }
        });
        command.SetAction((parsed, stop) => RunAsync(connectionString, parsed, (parsed.GetValue(down), parsed.GetValue(contract)), stop));
        return command;
    }

    private static async Task<int> RunAsync(Func<ParseResult, string> connectionString, ParseResult parsed, (int? Down, bool Contract) wanted, CancellationToken cancellationToken)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        try
        {
            await using var dataSource = PostgresConnection.CreateDataSource(connectionString(parsed));
            var migrator = new PostgresMigrator(dataSource);
            var before = await migrator.GetVersionAsync(cancellationToken);
            var steps = wanted switch
            {
                { Down: { } version } => await migrator.DownAsync(version, cancellationToken),
                { Contract: true } => await migrator.ContractAsync(cancellationToken),
                _ => await migrator.UpAsync(cancellationToken),
            };
            var after = await migrator.GetVersionAsync(cancellationToken);
            await output.WriteLineAsync(steps == 0 ? $"The database has schema version {after}: nothing to do." : $"Migrated the database from schema version {before} to {after}.");
            if (wanted.Down is null && after < PostgresMigrator.LatestVersion)
            {
                await output.WriteLineAsync($"When no silo of the version before runs any more, `migrate --contract` takes away what only they need (version {PostgresMigrator.LatestVersion}).");
            }

            return 0;
        }
        catch (EngineException refusal)
        {
            await error.WriteLineAsync(refusal.Message);
            return 1;
        }
    }
}
