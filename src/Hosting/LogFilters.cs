using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cluster.Hosting;

/// <summary>What a server does not log by default. Settings of <c>Logging:LogLevel</c> for the same category win over it.</summary>
public static class LogFilters
{
    /// <summary>Leaves a failed start to <see cref="ServerProgram"/>, which says what is wrong, without the stack trace that the host would log before it.</summary>
    /// <param name="logging">The logging to change.</param>
    /// <returns>The same <paramref name="logging"/>.</returns>
    public static ILoggingBuilder LeaveFailedStarts(this ILoggingBuilder logging)
    {
        ArgumentNullException.ThrowIfNull(logging);

        // Errors of this category are nothing else; that a service failed later, which ends the process, it says in critical lines.
        return logging.AddWeakest(new LoggerFilterRule(null, "Microsoft.Extensions.Hosting.Internal.Host", null, (_, _, level) => level >= LogLevel.Information && level != LogLevel.Error));
    }

    /// <summary>Sets from which level on a category is logged.</summary>
    /// <param name="logging">The logging to change.</param>
    /// <param name="category">The category, and all below it.</param>
    /// <param name="level">The lowest level.</param>
    /// <returns>The same <paramref name="logging"/>.</returns>
    public static ILoggingBuilder SetDefaultLevel(this ILoggingBuilder logging, string category, LogLevel level)
    {
        ArgumentNullException.ThrowIfNull(logging);
        return logging.AddWeakest(new LoggerFilterRule(null, category, level, null));
    }

    /// <summary>Does not log errors of a category while the process stops: what is asked of it then is refused, and whoever asked hears that and asks elsewhere.</summary>
    /// <param name="logging">The logging to change.</param>
    /// <param name="category">The category, and all below it. Until the process stops it is logged from warnings on.</param>
    /// <returns>The same <paramref name="logging"/>.</returns>
    public static ILoggingBuilder LeaveErrorsWhileStopping(this ILoggingBuilder logging, string category)
    {
        ArgumentNullException.ThrowIfNull(logging);
        logging.Services.AddOptions<LoggerFilterOptions>().PostConfigure<IServiceProvider>((options, services) =>
        {
            // Loggers come before the lifetime, which logs itself, and may be asked when the services are gone.
            var lifetime = new Lazy<IHostApplicationLifetime>(services.GetRequiredService<IHostApplicationLifetime>);
            options.Rules.Insert(0, new LoggerFilterRule(null, category, null, (_, _, level) =>
                !lifetime.Value.ApplicationStopping.IsCancellationRequested ? level >= LogLevel.Warning : level is LogLevel.Warning or LogLevel.Critical));
        });
        return logging;
    }

    /// <summary>Of two rules for one category the later counts.</summary>
    private static ILoggingBuilder AddWeakest(this ILoggingBuilder logging, LoggerFilterRule rule)
    {
        logging.Services.PostConfigure<LoggerFilterOptions>(options => options.Rules.Insert(0, rule));
        return logging;
    }
}
