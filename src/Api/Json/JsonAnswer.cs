using System.Text.Json.Serialization.Metadata;
using Cluster.Api.Sending;
using Cluster.Engine.Json;

namespace Cluster.Api.Json;

/// <summary>A JSON answer as AgentOS sends it: with its length, and without a charset in its type.</summary>
internal static class JsonAnswer
{
    public const string ContentType = "application/json";

    public static async Task WriteAsync<T>(HttpResponse response, T value, JsonTypeInfo<T> type, int? statusCode = null)
    {
        using var body = SplitJson.Rent();
        body.Write(value, type);
        response.StatusCode = statusCode ?? response.StatusCode;
        response.ContentType = ContentType;
        response.ContentLength = body.Measure();
        var output = ResponseOutput.Of(response.HttpContext);
        await output.WriteAsync(body);
        await output.FlushAsync();
    }
}
