using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Embedded;

public sealed class EmbeddedRunLogTests : RunLogConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => TestDirectory.OpenStoreAsync();
}

public sealed class EmbeddedRunRecordsTests : RunRecordsConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => TestDirectory.OpenStoreAsync();
}

public sealed class EmbeddedSessionStoreTests : SessionStoreConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => TestDirectory.OpenStoreAsync();
}

public sealed class EmbeddedConcurrencyTests : ConcurrencyConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => TestDirectory.OpenStoreAsync();
}

public sealed class EmbeddedSessionCopiesTests : SessionCopiesConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => TestDirectory.OpenStoreAsync();
}

public sealed class EmbeddedMemberRunsTests : MemberRunsConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => TestDirectory.OpenStoreAsync();
}

public sealed class EmbeddedApprovalTests : ApprovalConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => TestDirectory.OpenStoreAsync();
}
