using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Cluster.Silo;

/// <summary>How the runtime finds out that a silo is dead, and how soon afterwards its grains may be elsewhere.</summary>
internal static class FailureDetection
{
    /// <summary>How often a silo writes down that it lives. Only silos that start look at it, at those that nobody can ask any more.</summary>
    public static readonly TimeSpan HeartbeatPeriod = TimeSpan.FromSeconds(2);

    /// <summary>A silo that left out so many heartbeats, and cannot be asked, need not be asked. Clocks of machines may differ by the rest.</summary>
    private const int MissedHeartbeats = 8;

    /// <summary>Configures the members of the cluster and the directory of grains by <see cref="FailureDetectionOptions"/>.</summary>
    /// <param name="orleans">The silo.</param>
    public static void UseFailureDetection(this ISiloBuilder orleans)
    {
        orleans.Services.AddOptions<FailureDetectionOptions>().BindConfiguration(FailureDetectionOptions.SectionName).ValidateOnStart();
        orleans.Services.AddSingleton<IValidateOptions<FailureDetectionOptions>, FailureDetectionOptionsValidator>();
        orleans.Services.AddOptions<ClusterMembershipOptions>()
            .Configure<IOptions<FailureDetectionOptions>>(static (membership, detection) => Configure(membership, detection.Value));
        orleans.Services.AddOptions<GrainDirectoryOptions>()
            .Configure<IOptions<FailureDetectionOptions>>(static (directory, detection) => directory.RangeLeaseDuration = LeaseOf(detection.Value));
        AddDirectory(orleans);
    }

    private static void Configure(ClusterMembershipOptions membership, FailureDetectionOptions detection)
    {
        // Left alone, the runtime waits up to four times as long for each answer, and counts no missed one within the sum of these times after any message:
        // a silo that hangs would be found after twelve seconds instead of three.
        var probe = TimeSpan.FromSeconds(detection.ProbeSeconds);
        (membership.ProbeTimeout, membership.MinProbeTimeout, membership.MaxProbeTimeout) = (probe, probe, probe);
        membership.NumMissedProbesLimit = detection.MissedProbes;

        // A silo that was asked to probe another one answers when the asker has just given up, so probes of silos that hang would never count.
        membership.EnableIndirectProbes = false;
        membership.TableRefreshTimeout = TimeSpan.FromSeconds(5);

        // A silo joins only when it has reached every other one, or knows that it is dead. After a crash of all, nobody but the heartbeats can tell.
        membership.IAmAliveTablePublishTimeout = HeartbeatPeriod;
        membership.NumMissedTableIAmAliveLimit = MissedHeartbeats;
    }

    /// <summary>The runtime counts the lease from the last time that the silo can have answered.</summary>
    private static TimeSpan LeaseOf(FailureDetectionOptions detection) => detection.LeaseSeconds == 0
        ? TimeSpan.Zero
        : TimeSpan.FromSeconds((detection.ProbeSeconds * detection.MissedProbes) + detection.LeaseSeconds);

    /// <summary>
    /// The runtime's older directory forgets the grains that were registered at a silo that dies, wherever they are, and stops them: every run in so many
    /// would be cut off on a silo that is well. This one asks the other silos what they have.
    /// </summary>
    private static void AddDirectory(ISiloBuilder orleans)
    {
#pragma warning disable ORLEANSEXP003 // It is what the runtime's own tests run on, and the fence of the log does not depend on it.
        orleans.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
    }
}
