using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Providers.Models;

namespace Cluster.Providers.Tests.Models;

/// <summary>Models for programs without a server.</summary>
public sealed class VendorModelsTests
{
    [Fact]
    public async Task An_agent_of_a_console_program_talks_to_a_vendor()
    {
        await using var server = await VendorServer.StartAsync();
        server.Stream(
            """{"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Hello"},"finish_reason":null}]}""",
            """{"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""",
            "[DONE]");
        var agent = new Agent { Model = VendorModels.Create("openai:m", new ModelVendorOptions { BaseUrl = server.Url + "/v1", ApiKey = ModelTestBed.Key }) };

        var run = await agent.RunAsync("hi", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((RunStatus.Completed, "Hello"), (run.Status, run.Content?.ToString()));
        Assert.Equal("Bearer " + ModelTestBed.Key, server.Requests.Single().Headers["Authorization"]);
    }

    [Fact]
    public void A_price_reaches_its_model()
    {
        var price = new ModelPrice { Input = 1, Output = 2 };

        var model = VendorModels.Create("openai:m", new ModelVendorOptions { ApiKey = ModelTestBed.Key, Prices = { ["m"] = price } });

        Assert.Equal(price, model.Price);
    }

    [Theory]
    [InlineData("gpt-5-mini")]
    [InlineData("nobody:model")]
    public void A_reference_that_leads_nowhere_is_refused(string reference) =>
        Assert.Contains(reference, Assert.Throws<InvalidRequestException>(() => VendorModels.Create(reference)).Message, StringComparison.Ordinal);
}
