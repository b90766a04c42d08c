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
            var parameters = json.Deserialize(EngineJson.Context.ModelParameters)!;
            return float.IsFinite(parameters.Temperature ?? 0) && float.IsFinite(parameters.TopP ?? 0) ? parameters : throw new JsonException("The number is too large.");
        }
        catch (JsonException error)
        {
            // The exception's own message names our types.
            fields.Refuse("model_parameters", Name, $"Input should be an object of temperature, top_p, max_tokens, seed and stop: {error.Path ?? "$"} does not fit", json.GetRawText());
            return null;
        }
    }
}
