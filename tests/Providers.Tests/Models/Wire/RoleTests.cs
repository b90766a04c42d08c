using Cluster.Providers.Models;

namespace Cluster.Providers.Tests.Models.Wire;

public sealed class RoleTests
{
    [Theory]
    [InlineData("openai", "https://api.openai.com/v1", null, "developer")]
    [InlineData("openai", "https://proxy.example/v1", null, "system")]
    [InlineData("openai", "https://me.openai.azure.com/openai/v1", null, "system")]
    [InlineData("openai", "https://proxy.example/v1", "developer", "developer")]
    [InlineData("openai", "https://api.openai.com/v1", "system", "system")]
    [InlineData("mine", "https://api.openai.com/v1", null, "developer")]
    [InlineData("groq", "https://api.groq.com/openai/v1", null, "system")]
    public void Only_OpenAI_itself_is_sent_messages_of_the_developer(string vendor, string url, string? setting, string expected)
    {
        var known = ModelVendor.OpenAICompatible.FirstOrDefault(one => one.Name == vendor) ?? new ModelVendor(vendor, vendor, null) { Dialect = WireDialect.Custom };

        Assert.Equal(expected, known.DialectAt(new Uri(url), new ModelVendorOptions { SystemRole = setting }).SystemRole);
    }

    [Theory]
    [InlineData("openai", "https://api.deepseek.com", ReasoningReturn.WithToolCalls)]
    [InlineData("mine", "https://api.moonshot.cn/v1", ReasoningReturn.Always)]
    [InlineData("kimi", "http://localhost:9000/v1", ReasoningReturn.Always)]
    [InlineData("mine", "http://localhost:9000/v1", ReasoningReturn.Never)]
    public void Who_is_behind_an_address_is_known_by_the_address_or_the_name(string vendor, string url, ReasoningReturn expected)
    {
        var known = ModelVendor.OpenAICompatible.FirstOrDefault(one => one.Name == vendor) ?? new ModelVendor(vendor, vendor, null) { Dialect = WireDialect.Custom };

        Assert.Equal(expected, known.DialectAt(new Uri(url), new ModelVendorOptions()).ReturnsReasoning);
    }
}
