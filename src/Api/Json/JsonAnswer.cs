using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Cluster.Api.Json;

/// <summary>A JSON answer as AgentOS sends it: with its length, and without a charset in its type.</summary>
internal static class JsonAnswer
{
    public const string ContentType = "application/json";

    public static Task WriteAsync<T>(HttpResponse response, T value, JsonTypeInfo<T> type, int? statusCode = null)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        response.StatusCode = statusCode ?? response.StatusCode;
        response.ContentType = ContentType;
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, response.HttpContext.RequestAborted).AsTask();
    }
}
