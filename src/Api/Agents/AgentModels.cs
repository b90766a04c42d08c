using Cluster.Api.Home;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Models;

namespace Cluster.Api.Agents;

/// <summary>Tells which model an agent uses.</summary>
/// <param name="catalog">Where models are found.</param>
internal sealed class AgentModels(ModelCatalog catalog)
{
    public ModelSummary Summarize(Agent agent)
    {
        var model = Find(agent);
        return new ModelSummary(model.Model, model.Provider);
    }

    /// <summary>Names an agent's model. A model that lacks its key is named by its reference: it must not hide the other agents.</summary>
    public ModelResponse Find(Agent agent)
    {
        try
        {
            var model = catalog.Resolve(agent.Model);
            return new ModelResponse(model.Name, model.Id, model.Provider);
        }
        catch (InvalidRequestException)
        {
            var parts = (agent.Model?.Reference ?? string.Empty).Split(':', 2);
            return new ModelResponse(parts[0], parts[^1], parts[0]);
        }
    }
}
