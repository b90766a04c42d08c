using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Providers.Toolkits.Apis;

namespace Cluster.Providers.Toolkits.OpenApi;

/// <summary>Turns the arguments of a call into a request.</summary>
/// <param name="operation">What is called.</param>
/// <param name="arguments">The arguments.</param>
internal sealed class OpenApiCall(OpenApiOperation operation, IReadOnlyDictionary<string, JsonElement> arguments)
{
    /// <summary>Makes the request.</summary>
    /// <exception cref="InvalidRequestException">An argument is missing or unfit.</exception>
    public ApiRequest ToRequest()
    {
        if (operation.Arguments.GetProperty("required").EnumerateArray().Select(name => name.GetString()!).FirstOrDefault(name => Find(name) is null) is { } missing)
        {
            throw new InvalidRequestException($"The argument '{missing}' is missing. Add it.");
        }

        var query = string.Join('&', Given("query").SelectMany(given => Query(given.Parameter, given.Value)).Select(pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}"));
        return new ApiRequest(operation.Method, Path() + (query.Length > 0 ? $"?{query}" : string.Empty))
        {
            Headers = [.. Given("header").Select(given => Header(given.Parameter, given.Value))],
            Body = Body(),
            BodyType = operation.BodyType ?? "application/json",
        };
    }

    private JsonElement? Find(string argument) =>
        arguments.TryGetValue(argument, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? value : null;

    private IEnumerable<(OpenApiParameter Parameter, JsonElement Value)> Given(string place) => operation.Parameters
        .Where(parameter => parameter.Place == place).Select(parameter => (Parameter: parameter, Value: Find(parameter.Argument)))
        .Where(given => given.Value is not null).Select(given => (given.Parameter, given.Value!.Value));

    private string Path()
    {
        var path = operation.Path;
        foreach (var (parameter, value) in Given("path"))
        {
            // Dots would go up in the path, and nothing would name something else.
            var text = Join(value, ",");
            path = text is "" or "." or ".."
                ? throw new InvalidRequestException($"'{text}' cannot be the argument '{parameter.Argument}'. Give another value.")
                : path.Replace($"{{{parameter.Name}}}", Uri.EscapeDataString(text), StringComparison.Ordinal);
        }

        return path;
    }

    private static IEnumerable<KeyValuePair<string, string>> Query(OpenApiParameter parameter, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array when parameter.Explodes => value.EnumerateArray().Select(item => KeyValuePair.Create(parameter.Name, Scalar(item))),
        JsonValueKind.Object when parameter.IsDeep => value.EnumerateObject().Select(member => KeyValuePair.Create($"{parameter.Name}[{member.Name}]", Scalar(member.Value))),
        JsonValueKind.Object when parameter.Explodes => value.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, Scalar(member.Value))),
        _ => [KeyValuePair.Create(parameter.Name, Join(value, parameter.Separator))],
    };

    private static KeyValuePair<string, string> Header(OpenApiParameter parameter, JsonElement value) => Join(value, ",") is var text && text.Any(char.IsControl)
        ? throw new InvalidRequestException($"The argument '{parameter.Argument}' has characters that no header has. Take them out.")
        : KeyValuePair.Create(parameter.Name, text);

    private string? Body() => operation.BodyType is null || Find("body") is not { } body ? null : operation.BodyType switch
    {
        "text/plain" => Scalar(body),
        "application/x-www-form-urlencoded" => body.ValueKind == JsonValueKind.Object
            ? string.Join('&', body.EnumerateObject().Select(member => $"{Uri.EscapeDataString(member.Name)}={Uri.EscapeDataString(Scalar(member.Value))}"))
            : throw new InvalidRequestException("The body is no object. Give the fields of the form."),
        _ => body.GetRawText(),
    };

    private static string Join(JsonElement value, string separator) => value.ValueKind switch
    {
        JsonValueKind.Array => string.Join(separator, value.EnumerateArray().Select(Scalar)),
        JsonValueKind.Object => string.Join(separator, value.EnumerateObject().SelectMany(member => new[] { member.Name, Scalar(member.Value) })),
        _ => Scalar(value),
    };

    private static string Scalar(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
