using Cluster.Api.Home;
using Cluster.Engine.Agents;
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
    public ModelResponse Find(Agent agent) => Find(agent.Model);

    /// <summary>Names a model.</summary>
    public ModelResponse Find(ModelSource? model)
    {
        var (id, name, provider) = catalog.Name(model);
        return new ModelResponse(name, id, provider);
    }
}
