using Cluster.Engine.Errors;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Storage.Tests;

public sealed class StoreSettingTests
{
    [Theory]
    [InlineData("postgresql://u:secret@h/db", "'postgresql'")]
    [InlineData("floppy:secret", "'floppy'")]
    [InlineData("memory:secret", "'memory'")]
    [InlineData("Host=h;Password=secret", "no kind of store")]
    [InlineData("Host=h;Password=secret;Options=a:b", "no kind of store")]
    public void A_store_that_nobody_knows_is_refused_without_its_password(string setting, string named)
    {
        var refusal = Assert.Throws<InvalidRequestException>(() => new ServiceCollection().AddStore(setting));

        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("postgres:CONNECTION", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
    }
}
