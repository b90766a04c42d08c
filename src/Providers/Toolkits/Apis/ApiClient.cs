using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Providers.Toolkits.Http;

namespace Cluster.Providers.Toolkits.Apis;

/// <summary>One API of the internet. It is asked at one server only, and its keys go nowhere else.</summary>
internal sealed class ApiClient
{
    private const int ShownFailure = 1_000;

    private readonly string _name;
    private readonly string _baseUrl;
    private readonly ImmutableArray<KeyValuePair<string, string>> _headers;
    private readonly WebFetcher _fetcher;
    private readonly SecretFilter _secrets;

    /// <summary>Creates the client. Nothing is connected to yet.</summary>
    /// <param name="address">What the API is called, and where it is.</param>
    /// <param name="headers">What is sent with every request, keys included.</param>
    /// <param name="limits">How far a request may go; null for the defaults.</param>
    /// <exception cref="InvalidRequestException">The address or a key cannot be used.</exception>
    public ApiClient(ApiAddress address, ImmutableArray<KeyValuePair<string, string>> headers = default, FetchLimits? limits = null)
    {
        (_name, _baseUrl, _headers) = (address.Name, address.Url.TrimEnd('/'), headers.IsDefault ? [] : headers);
        var url = Uri.TryCreate(_baseUrl, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https"
            ? parsed
            : throw new InvalidRequestException($"The address '{address.Url}' of {_name} is no HTTP address. Correct its base URL.");
        if (_headers.FirstOrDefault(header => header.Value.Any(letter => letter is < ' ' or > '~')) is { Key: { } header })
        {
            throw new InvalidRequestException($"What is sent to {_name} as {header} has characters that no header has. Correct the key.");
        }

        _secrets = new SecretFilter(_headers.Where(sent => sent.Key is not ("Accept" or "X-GitHub-Api-Version")).Select(sent => sent.Value[(sent.Value.IndexOf(' ', StringComparison.Ordinal) + 1)..]));

        // Whoever configures an address means it, wherever it is. An address that came with a document or with us has to be a public one.
        _fetcher = new WebFetcher(address.IsConfigured ? ToolHttp.Open : ToolHttp.Guarded, new HostRules([url.IdnHost.TrimEnd('.')], []), (limits ?? new FetchLimits { MaxBytes = 4 * 1024 * 1024 }) with { LeavesOrigin = false });
    }

    /// <summary>Reads JSON.</summary>
    /// <param name="pathAndQuery">What is read, below the API's address.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public async Task<JsonElement> GetJsonAsync(string pathAndQuery, CancellationToken cancellationToken) =>
        ToJson(await SendAsync(new ApiRequest(HttpMethod.Get, pathAndQuery), cancellationToken));

    /// <summary>Sends JSON and reads JSON.</summary>
    public async Task<JsonElement> PostJsonAsync<T>(string pathAndQuery, T body, CancellationToken cancellationToken) =>
        ToJson(await SendAsync(new ApiRequest(HttpMethod.Post, pathAndQuery) { Body = JsonSerializer.Serialize(body) }, cancellationToken));

    /// <summary>Sends a request.</summary>
    /// <returns>The text of the answer.</returns>
    /// <exception cref="EngineException">The API refuses or is out of reach.</exception>
    public async Task<string> SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var answer = await _fetcher.FetchAsync(
            new FetchRequest(request.Method, new Uri(_baseUrl + request.PathAndQuery)) { Headers = _headers.AddRange(request.Headers), Body = request.Body, BodyType = request.BodyType },
            cancellationToken);
        var text = answer.IsText || answer.Body.Length == 0 ? _secrets.Redact(answer.Text()) : $"[{answer.Body.Length} bytes of {answer.MediaType}]";
        return !answer.IsSuccess ? throw Refusal(answer.Status, text)
            : answer.IsTruncated ? throw new InvalidRequestException($"The answer of {_name} is longer than {answer.Body.Length} bytes. Ask for less.")
            : text;
    }

    private JsonElement ToJson(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            throw new UnavailableException($"{_name} answered with something that is no JSON. Try again later.") { IsForCallers = true };
        }
    }

    private EngineException Refusal(int status, string text)
    {
        var said = string.IsNullOrWhiteSpace(text) ? string.Empty : $" It says: {BoundedRead.Shorten(text, ShownFailure, string.Empty)}";
        return status switch
        {
            401 or 403 => new ForbiddenException($"{_name} refuses this agent (status {status}). Whoever runs the agent has to check its key.{said}"),
            404 => new NotFoundException($"{_name} has nothing there (status 404). Check the names.{said}"),
            429 or >= 500 => new UnavailableException($"{_name} cannot answer now (status {status}). Try again later.{said}") { IsForCallers = true },
            _ => new InvalidRequestException($"{_name} refuses the request (status {status}). Correct it.{said}"),
        };
    }
}

/// <summary>Where an API is.</summary>
/// <param name="Name">What it is called in messages.</param>
/// <param name="Url">Its address.</param>
/// <param name="IsConfigured">True when whoever runs the agent chose the address.</param>
internal sealed record ApiAddress(string Name, string Url, bool IsConfigured)
{
    /// <summary>Chooses between a configured address and the usual one.</summary>
    public static ApiAddress Of(string name, string? configured, string usual) => new(name, configured ?? usual, configured is not null);
}

/// <summary>What an API is asked.</summary>
/// <param name="Method">The method.</param>
/// <param name="PathAndQuery">What is asked, below the API's address, beginning with a slash.</param>
internal sealed record ApiRequest(HttpMethod Method, string PathAndQuery)
{
    public ImmutableArray<KeyValuePair<string, string>> Headers { get; init; } = [];

    public string? Body { get; init; }

    public string BodyType { get; init; } = "application/json";
}
