using Cluster.Engine.Storage;
using Cluster.Hosting.Retention;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers retention.</summary>
public static class RetentionServiceCollectionExtensions
{
    /// <summary>Takes away what is beyond the bounds of the section <c>Retention</c>, when the store can and the section says something, and content of media to which no run refers.</summary>
    /// <param name="services">The services to add to, the store among them.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddRetention(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<RetentionOptions>().BindConfiguration(RetentionOptions.SectionName).ValidateOnStart();
        services.TryAddSingleton<IValidateOptions<RetentionOptions>, RetentionOptionsValidator>();
        if (services.Any(service => service.ServiceType == typeof(IRetentionStore)))
        {
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RetentionWatch>());
        }

        return services.AddMediaSweep();
    }
}

/// <summary>Checks the ranges, those of single agents too.</summary>
internal sealed class RetentionOptionsValidator : IValidateOptions<RetentionOptions>
{
    public ValidateOptionsResult Validate(string? name, RetentionOptions options)
    {
        var minute = TimeSpan.FromMinutes(1);
        var bounds = options.Agents.Values.Append(new RetentionBounds { MaxAge = options.MaxAge, MaxRunsPerSession = options.MaxRunsPerSession, MaxRunsPerAgent = options.MaxRunsPerAgent });
        return bounds.Any(bound => bound.MaxAge < minute || bound.MaxRunsPerSession < 1 || bound.MaxRunsPerAgent < 1) || options.Interval < TimeSpan.FromSeconds(1) || options.Rest < TimeSpan.Zero
            ? ValidateOptionsResult.Fail("Retention: MaxAge is at least a minute, MaxRunsPerSession and MaxRunsPerAgent at least 1, Interval at least a second, and Rest not negative.")
            : ValidateOptionsResult.Success;
    }
}
