using Cluster.Api.Tests;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;

namespace Cluster.Silo.Host;

/// <summary>The agents of the API's tests, and those that single tests bring along; models that tests speak for stay with the tests.</summary>
internal static class ApiTestAgents
{
    /// <summary>Adds the agents and the clock of the tests.</summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="speech">Reaches the models of the tests.</param>
    public static void AddApiTestAgents(this IServiceCollection services, HttpClient speech)
    {
        foreach (var agent in TestAgents.Create().Concat(Guests(speech)))
        {
            services.AddAgent(agent);
        }

        services.AddSingleton<TimeProvider>(new StoppedTime());
        // What the runtime asks for by keys: silos find out by time who is dead.
        services.AddKeyedSingleton(KeyedService.AnyKey, TimeProvider.System);
    }

    private static IEnumerable<Agent> Guests(HttpClient speech) =>
    [
        TestAgents.NeedsApproval,
        new() { Id = "spoken", Name = "Spoken", Model = new ChatModel { Id = "spoken-1", Name = "Spoken", Provider = "Spoken", Client = new RemoteChatClient(speech, "spoken") } },
        new() { Id = "any", Name = "Any", Model = new ChatModel { Id = "scripted-1", Name = "Scripted", Provider = "Scripted", Client = new RemoteChatClient(speech, "any") } },
    ];
}
