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
        var output = ResponseOutput.Of(response.HttpContext);
        using var body = SplitJson.Rent(output.Media);
        body.Write(value, type);
        await body.LoadAsync(response.HttpContext.RequestAborted);
        response.StatusCode = statusCode ?? response.StatusCode;
        response.ContentType = ContentType;
        response.ContentLength = body.Measure();
        await output.WriteAsync(body);
        await output.FlushAsync();
    }
}
