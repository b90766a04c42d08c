using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The agents that answer when no definitions are given: one that remembers the conversation, and one with tools.</summary>
public static class DemoAgents
{
    /// <summary>Adds the two demo agents.</summary>
    /// <param name="services">The services to add to.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddDemoAgents(this IServiceCollection services) => services
        .AddSingleton(provider => Assistant(provider.GetRequiredService<ModelCatalog>()))
        .AddSingleton(provider => Clerk(provider.GetRequiredService<ModelCatalog>(), provider.GetRequiredService<TimeProvider>()));

    /// <summary>Adds a team of the two demo agents, whose leader asks the clerk.</summary>
    /// <param name="services">The services to add to.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddDemoTeam(this IServiceCollection services) => services
        .AddSingleton<Agent>(provider => Office(provider.GetRequiredService<ModelCatalog>(), provider.GetRequiredService<TimeProvider>()));

    private static Team Office(ModelCatalog models, TimeProvider timeProvider) => new Team
    {
        Id = "office",
        Name = "Office",
        Description = "Hands sums and questions about the time to the clerk, and everything else to the assistant.",
        Instructions = "Answer in one sentence made of what members say.",
        Members = [Clerk(models, timeProvider), Assistant(models)],
        Model = Offline(models, new Script
        {
            Calls = [new ScriptedCall("delegate_task_to_member", JsonElement.Parse("""{"member_id": "clerk", "task": "{input}"}"""))],
            Text = "I am the built-in scripted model and always ask the clerk. It said: {result}",
        }),
    };

    private static Agent Assistant(ModelCatalog models) => new()
    {
        Id = "assistant",
        Name = "Assistant",
        Description = "A helpful assistant that remembers the conversation.",
        Instructions = "Be brief and friendly.",
        History = new HistorySettings { AddToContext = true },
        Model = Offline(models, new Script
        {
            Text = "I am the built-in scripted model, so I can only repeat: {input} With a key in OPENAI_API_KEY or ANTHROPIC_API_KEY a real model answers here.",
        }),
    };

    private static Agent Clerk(ModelCatalog models, TimeProvider timeProvider)
    {
        return new()
        {
            Id = "clerk",
            Name = "Clerk",
            Description = "Adds numbers and knows the time.",
            Instructions = new[] { "Use add for every sum.", "Use current_time when asked for the time or the date." },
            Tools =
            [
                Tool.Create(Add, new ToolOptions { Effect = ToolEffect.Pure }),
                Tool.Create(CurrentTime, new ToolOptions { Effect = ToolEffect.Pure }),
            ],
            Model = Offline(models, new Script
            {
                Calls = [new ScriptedCall("add", JsonElement.Parse("""{"a": 2, "b": 3}""")), new ScriptedCall("current_time", JsonElement.Parse("{}"))],
                Text = "I am the built-in scripted model and always call both of my tools. They answered: {result}",
            }),
        };

        [Description("Gives the current date and time in UTC.")]
        string CurrentTime() => timeProvider.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
    }

    /// <summary>The demo says something useful even where no model is configured.</summary>
    private static ModelSource? Offline(ModelCatalog models, Script script) =>
        models.DefaultReference == ScriptedModelProvider.DefaultReference ? ModelSource.FromChatModel(ScriptedModelProvider.Create(script)) : null;

    [Description("Adds two numbers.")]
    private static double Add([Description("the first number")] double a, [Description("the second number")] double b) => a + b;
}
