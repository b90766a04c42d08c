using System.Text.Json;
using Cluster.Api.Validation;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>Reads settings of model calls that a request changes.</summary>
internal static class ModelParametersField
{
    public const string Name = "model_parameters";

    public static ModelParameters? Read(TextFields fields)
    {
        if (fields.Object(Name) is not { } json)
        {
            return null;
        }

        try
        {
            return json.Deserialize(EngineJson.Context.ModelParameters);
        }
        catch (JsonException error)
        {
            fields.Refuse("model_parameters", Name, $"Input should be an object of temperature, top_p, max_tokens, seed and stop: {JsonFields.Describe(error)}", json.GetRawText());
            return null;
        }
    }
}
