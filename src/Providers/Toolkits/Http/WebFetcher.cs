using System.Net.Http.Headers;
using System.Text;
using Cluster.Engine.Errors;

namespace Cluster.Providers.Toolkits.Http;

/// <summary>Asks servers of the internet. Every hop of a redirect is checked like the first address.</summary>
/// <param name="http">The connections.</param>
/// <param name="hosts">Which hosts may be asked.</param>
/// <param name="limits">How far a fetch may go.</param>
internal sealed class WebFetcher(HttpMessageInvoker http, HostRules hosts, FetchLimits limits)
{
    private const string UserAgent = "Mozilla/5.0 (compatible; Cluster agent)";

    public HostRules Hosts => hosts;

    /// <summary>Asks and follows redirects.</summary>
    /// <param name="request">What to ask.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>The last answer, whatever its status.</returns>
    public Task<FetchAnswer> FetchAsync(FetchRequest request, CancellationToken cancellationToken) =>
        TimeLimit.RunAsync(limits.Timeout, $"The answer of {request.Url.Host}", token => FollowAsync(request, token), cancellationToken);

    private async Task<FetchAnswer> FollowAsync(FetchRequest request, CancellationToken cancellationToken)
    {
        for (var redirects = 0; ; redirects++)
        {
            hosts.Check(request.Url);
            using var message = ToMessage(request);
            using var response = await SendAsync(message, cancellationToken);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
            {
                return await ReadAsync(request, response, cancellationToken);
            }

            request = redirects < limits.MaxRedirects
                ? Redirect(request, (int)response.StatusCode, new Uri(request.Url, location))
                : throw new UnavailableException($"{request.Url.Host} redirects more than {limits.MaxRedirects} times. Use another address.") { IsForCallers = true };
        }
    }

    private FetchRequest Redirect(FetchRequest request, int status, Uri target)
    {
        if (request.Url.Scheme == "https" && target.Scheme == "http")
        {
            throw new ForbiddenException($"{request.Url.Host} redirects from https: to http:, which is not followed.");
        }

        var staysThere = target.Scheme == request.Url.Scheme && target.Authority == request.Url.Authority;
        if (!staysThere && !limits.LeavesOrigin)
        {
            throw new ForbiddenException($"{request.Url.Host} redirects to another server, which is not followed.");
        }

        var repeats = status is 307 or 308 || request.Method != HttpMethod.Post;
        return request with
        {
            Url = target,
            Headers = staysThere ? request.Headers : [],
            Method = repeats ? request.Method : HttpMethod.Get,
            Body = repeats ? request.Body : null,
        };
    }

    private static HttpRequestMessage ToMessage(FetchRequest request)
    {
        var message = new HttpRequestMessage(request.Method, request.Url);
        foreach (var (name, value) in request.Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        if (!message.Headers.Contains("User-Agent"))
        {
            message.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        }

        if (request.Body is { } body)
        {
            message.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(request.BodyType));
        }

        return message;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        try
        {
            return await http.SendAsync(message, cancellationToken);
        }
        catch (HttpRequestException failure)
        {
            throw Explain(message.RequestUri!, failure);
        }
    }

    private async Task<FetchAnswer> ReadAsync(FetchRequest request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var type = response.Content.Headers.ContentType;
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var (body, isTruncated) = await BoundedRead.ReadAsync(stream, limits.MaxBytes, cancellationToken);
            return new FetchAnswer((int)response.StatusCode, request.Url, type?.MediaType ?? string.Empty, type?.CharSet, body)
            {
                IsTruncated = isTruncated,
                Length = response.Content.Headers.ContentLength,
            };
        }
        catch (Exception failure) when (failure is IOException or HttpRequestException or InvalidDataException)
        {
            throw Explain(request.Url, failure);
        }
    }

    private static EngineException Explain(Uri url, Exception failure) => failure switch
    {
        { InnerException: EngineException refusal } => refusal,
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => Unreachable(url, "there is no such host. Check the address"),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => Unreachable(url, "no secure connection could be made"),
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => Unreachable(url, "it does not answer. Check the address, or try again later"),
        _ => Unreachable(url, "the connection broke. Try again later"),
    };

    private static UnavailableException Unreachable(Uri url, string reason) => new($"{url.Host} could not be asked: {reason}.") { IsForCallers = true };
}
