using Cluster.Engine.Errors;
using Cluster.Engine.Models;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Providers.Tests.Models;

public sealed class ModelProviderTests
{
    [Fact]
    public async Task Every_vendor_is_there_once_and_only_local_ones_need_nothing()
    {
        await using var bed = new ModelTestBed();

        Assert.Equal(
            ["scripted", "openai", "deepseek", "groq", "lmstudio", "mistral", "ollama", "openrouter", "together", "vllm", "xai", "anthropic"],
            bed.Providers.Select(provider => provider.Name));
        Assert.Equal(["scripted", "lmstudio", "ollama", "vllm"], bed.Providers.Where(provider => provider.IsConfigured).Select(provider => provider.Name));
    }

    [Theory]
    [InlineData("openai", "OPENAI_API_KEY", "OpenAIChat", "OpenAI")]
    [InlineData("anthropic", "ANTHROPIC_API_KEY", "Claude", "Anthropic")]
    [InlineData("groq", "GROQ_API_KEY", "Groq", "Groq")]
    [InlineData("openrouter", "OPENROUTER_API_KEY", "OpenRouter", "OpenRouter")]
    [InlineData("deepseek", "DEEPSEEK_API_KEY", "DeepSeek", "DeepSeek")]
    [InlineData("together", "TOGETHER_API_KEY", "Together", "Together")]
    [InlineData("mistral", "MISTRAL_API_KEY", "MistralChat", "Mistral")]
    [InlineData("xai", "XAI_API_KEY", "xAI", "xAI")]
    public async Task A_key_in_the_environment_is_enough(string vendor, string variable, string name, string provider)
    {
        await using var bed = new ModelTestBed((variable, ModelTestBed.Key));

        var model = bed.Resolve($"{vendor}:some/model:free");

        Assert.Equal(("some/model:free", name, provider), (model.Id, model.Name, model.Provider));
        Assert.Contains(bed.Providers, known => known.Name == vendor && known.IsConfigured);
    }

    [Fact]
    public async Task A_missing_key_names_the_setting_and_the_variable()
    {
        await using var bed = new ModelTestBed();

        var refusal = Assert.Throws<InvalidRequestException>(() => bed.Resolve("xai:grok"));

        Assert.Equal("xAI needs a key. Set Models:xai:ApiKey or the environment variable XAI_API_KEY.", refusal.Message);
    }

    [Theory]
    [InlineData("sk-secret\nsecret")]
    [InlineData("sk-secret secret")]
    [InlineData("sk-sécret")]
    public async Task A_key_that_no_header_can_carry_is_refused_without_being_shown(string key)
    {
        await using var bed = new ModelTestBed(("OPENAI_API_KEY", key));

        var refusal = Assert.Throws<InvalidRequestException>(() => bed.Resolve("openai:m"));

        Assert.Equal("The key of OpenAI has characters that no key has. Correct Models:openai:ApiKey or the environment variable OPENAI_API_KEY.", refusal.Message);
    }

    [Fact]
    public async Task An_address_that_is_none_names_the_setting()
    {
        await using var bed = new ModelTestBed(("OPENAI_API_KEY", ModelTestBed.Key), ("OPENAI_BASE_URL", "localhost"));

        var refusal = Assert.Throws<InvalidRequestException>(() => bed.Resolve("openai:m"));

        Assert.Equal("The address of OpenAI is no HTTP address. Correct Models:openai:BaseUrl or the environment variable OPENAI_BASE_URL.", refusal.Message);
    }

    [Fact]
    public async Task Settings_win_over_variables()
    {
        await using var server = await VendorServer.StartAsync();
        server.Stream("[DONE]");
        await using var bed = ModelTestBed.For(server, "openai", ("OPENAI_BASE_URL", "http://127.0.0.1:9"), ("OPENAI_API_KEY", "sk-other-key"));

        await ModelTestBed.AskAsync(bed.Resolve("openai:m"));

        Assert.Equal("Bearer " + ModelTestBed.Key, Assert.Single(server.Requests).Headers["Authorization"]);
    }

    [Fact]
    public async Task Configuration_adds_a_vendor()
    {
        await using var server = await VendorServer.StartAsync();
        server.Stream("""{"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}""");
        await using var bed = new ModelTestBed(("Models:corp-ai:BaseUrl", server.Url + "/api/"), ("CORP_AI_API_KEY", ModelTestBed.Key));

        var model = bed.Resolve("corp-ai:big");
        var updates = await ModelTestBed.AskAsync(model);

        Assert.Equal("text Hi\nfinish stop", ModelTestBed.Show(updates));
        Assert.Equal(("big", "corp-ai", "corp-ai"), (model.Id, model.Name, model.Provider));
        var request = Assert.Single(server.Requests);
        Assert.Equal(("POST /api/chat/completions", "Bearer " + ModelTestBed.Key), (request.Route, request.Headers["Authorization"]));
    }

    [Fact]
    public async Task A_vendor_without_an_address_names_the_setting()
    {
        await using var bed = new ModelTestBed(("Models:gorq:ApiKey", ModelTestBed.Key));

        var refusal = Assert.Throws<InvalidRequestException>(() => bed.Resolve("gorq:m"));

        Assert.Equal("The address of gorq is not known. Set Models:gorq:BaseUrl or the environment variable GORQ_BASE_URL.", refusal.Message);
    }

    [Fact]
    public async Task A_model_has_the_price_that_configuration_gives_it()
    {
        await using var bed = new ModelTestBed(("Models:ollama:Prices:llama3.2:Input", "0.15"), ("Models:ollama:Prices:llama3.2:Output", "0.6"));

        Assert.Equal(new ModelPrice { Input = 0.15m, Output = 0.6m }, bed.Resolve("ollama:llama3.2").Price);
        Assert.Null(bed.Resolve("ollama:other").Price);
    }

    [Fact]
    public async Task A_price_below_zero_is_refused()
    {
        await using var bed = new ModelTestBed(("Models:ollama:Prices:llama3.2:Output", "-1"));

        Assert.Contains("Models:ollama:Prices:llama3.2", Assert.Throws<InvalidRequestException>(() => bed.Resolve("ollama:llama3.2")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_out_of_range_are_refused()
    {
        await using var bed = new ModelTestBed(("Models:ollama:Retries", "-1"));

        Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => bed.Resolve("ollama:m"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Registering_twice_or_before_the_engine_is_the_same_as_once(bool engineFirst)
    {
        var services = new ServiceCollection();
        _ = engineFirst ? services.AddEngine().AddModelProviders().AddModelProviders() : services.AddModelProviders().AddModelProviders().AddEngine();
        using var provider = services.BuildServiceProvider();

        Assert.Equal(12, provider.GetServices<IModelProvider>().Count());
        Assert.Equal("Ollama", provider.GetRequiredService<ModelCatalog>().Resolve("ollama:llama3.2").Provider);
    }
}
