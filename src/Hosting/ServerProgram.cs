using System.Net.Sockets;
using Cluster.Engine.Errors;
using Cluster.Hosting.Start;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cluster.Hosting;

/// <summary>The life of a server process.</summary>
public static partial class ServerProgram
{
    /// <summary>Serves until the process is asked to stop. A server that cannot start says why, without a stack trace.</summary>
    /// <param name="name">What serves, for instance <c>gateway</c>.</param>
    /// <param name="build">Builds the application.</param>
    /// <param name="announce">Tells that it listens.</param>
    /// <param name="cancellationToken">Stops serving.</param>
    /// <returns>The exit code: 0 after a stop, 1 when the server could not start.</returns>
    public static async Task<int> RunAsync(string name, Func<WebApplication> build, Action<WebApplication> announce, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(build);
        ArgumentNullException.ThrowIfNull(announce);
        try
        {
            await using var app = build();
            using var memory = new IdleMemory(TimeProvider.System);
            var start = app.Services.GetService<BackgroundStart>();
            await app.StartAsync(cancellationToken);
            if (start is { IsDone: false })
            {
                LogStarting(app.Logger, string.Join(", ", app.Urls));
            }

            if (start is null || await start.WaitAsync())
            {
                announce(app);
            }

            await app.WaitForShutdownAsync(cancellationToken);
            start?.ThrowIfFailed();
            return 0;
        }
        catch (Exception refusal) when (IsRefusal(refusal))
        {
            await Console.Error.WriteLineAsync($"The {name} cannot start. {refusal.Message}");
            return 1;
        }
    }

    /// <summary>
    /// Tells whether a message says what is wrong, so that nobody needs a stack trace. The store says with <see cref="InvalidDataException"/> that its files are damaged or of a
    /// newer version, and the system with its own kinds that an address cannot be listened at.
    /// </summary>
    /// <param name="error">Why the program cannot start or go on.</param>
    /// <returns>True when its message is for people.</returns>
    public static bool IsRefusal(Exception error) =>
        error is EngineException or OptionsValidationException or IOException or InvalidDataException or SocketException;

    [LoggerMessage(LogLevel.Information, "Listening at {Urls} while everything else starts")]
    private static partial void LogStarting(ILogger logger, string urls);
}
