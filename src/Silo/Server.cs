using System.Net.Sockets;
using Cluster.Engine.Errors;
using Cluster.Hosting;
using Microsoft.Extensions.Options;

namespace Cluster.Silo;

/// <summary>A silo with health for orchestrators.</summary>
internal static class Server
{
    /// <summary>Runs until the process is asked to stop.</summary>
    /// <param name="settings">The settings from the command line.</param>
    /// <param name="cancellationToken">Stops the silo.</param>
    /// <returns>The exit code: 0 after a stop, 1 when the silo could not start.</returns>
    public static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        try
        {
            var builder = CreateBuilder(settings);
            builder.AddSilo();
            await using var app = builder.Build();
            app.MapOrchestratorHealth();
            await app.StartAsync(cancellationToken);
            Announcement.Print(app);
            await app.WaitForShutdownAsync(cancellationToken);
            return 0;
        }
        catch (Exception refusal) when (refusal is EngineException or OptionsValidationException or IOException or InvalidDataException or SocketException)
        {
            await Console.Error.WriteLineAsync($"The silo cannot start. {refusal.Message}");
            return 1;
        }
    }

    /// <summary>Creates the builder with all settings in place.</summary>
    /// <param name="settings">The settings from the command line.</param>
    /// <returns>The builder.</returns>
    public static WebApplicationBuilder CreateBuilder(IReadOnlyDictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.WebHost.UseUrls(ListenAddress.Check(builder.Configuration[$"{SiloOptions.SectionName}:{nameof(SiloOptions.Url)}"] ?? new SiloOptions().Url));
        return builder;
    }
}
