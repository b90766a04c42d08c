using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Toolkits.Http;

/// <summary>Plain HTTP requests to the public internet.</summary>
public static class HttpToolkit
{
    /// <summary>Makes the toolkit <c>http</c>.</summary>
    /// <param name="options">What it may do; null for the defaults.</param>
    /// <returns>The toolkit.</returns>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "It lives as long as the tools.")]
    public static Toolkit Create(HttpToolkitOptions? options = null)
    {
        var settings = options ?? new HttpToolkitOptions();
        return Create(settings, ToolHttp.For(settings.AllowPrivateAddresses, new HostRules(settings.AllowedHosts, settings.DeniedHosts)));
    }

    internal static Toolkit Create(HttpToolkitOptions options, HttpMessageInvoker http)
    {
        var limits = new FetchLimits { MaxBytes = options.MaxBytes, MaxRedirects = options.MaxRedirects, Timeout = options.Timeout };
        var tools = new HttpTools(new WebFetcher(http, new HostRules(options.AllowedHosts, options.DeniedHosts), limits), options);
        var fetch = Tool.Create(tools.FetchAsync, new ToolOptions { Name = "http_fetch", Effect = ToolEffect.Pure });
        return new Toolkit
        {
            Name = "http",
            Tools = options.AllowPost ? [fetch, Tool.Create(tools.PostAsync, new ToolOptions { Name = "http_post" })] : [fetch],
        };
    }

    private sealed class HttpTools(WebFetcher fetcher, HttpToolkitOptions options)
    {
        /// <summary>What belongs to the connection or to answers, not to the model.</summary>
        private static readonly string[] RefusedHeaders = ["Host", "Connection", "Transfer-Encoding", "Upgrade", "Proxy-Authorization", "Expect", "Allow", "Expires", "Last-Modified"];

        [Description("Fetches a web address over HTTP and gives its status, content type and text.")]
        public Task<string> FetchAsync(
            [Description("The address, beginning with http:// or https://.")] string url,
            CancellationToken cancellationToken,
            [Description("GET, or HEAD to get the status and the length only.")] string method = "GET",
            [Description("Headers to send, by name, for instance {\"Accept\": \"application/json\"}.")] Dictionary<string, string>? headers = null) =>
            AskAsync(
                new FetchRequest(ReadMethod(method), fetcher.Hosts.Check(url)) { Headers = Checked(headers) },
                cancellationToken);

        [Description("Posts a text to a web address over HTTP and gives the status, content type and text of the answer.")]
        public Task<string> PostAsync(
            [Description("The address, beginning with http:// or https://.")] string url,
            [Description("The body to send.")] string body,
            CancellationToken cancellationToken,
            [Description("The media type of the body.")] string contentType = "application/json",
            [Description("Headers to send, by name.")] Dictionary<string, string>? headers = null) =>
            System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(contentType, out var type)
                ? AskAsync(
                    new FetchRequest(HttpMethod.Post, fetcher.Hosts.Check(url)) { Headers = Checked(headers), Body = body, BodyType = type.MediaType! },
                    cancellationToken)
                : throw new InvalidRequestException($"'{contentType}' is no media type. Give one, for instance application/json.");

        private static HttpMethod ReadMethod(string method) => method.ToUpperInvariant() switch
        {
            "GET" => HttpMethod.Get,
            "HEAD" => HttpMethod.Head,
            _ => throw new InvalidRequestException($"'{method}' is not possible. Use GET or HEAD."),
        };

        private static ImmutableArray<KeyValuePair<string, string>> Checked(Dictionary<string, string>? headers)
        {
            foreach (var (name, value) in headers ?? [])
            {
                if (name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase))
                {
                    throw new InvalidRequestException($"The header '{name}' belongs to a body and cannot be sent here. Leave it out; http_post takes the type of its body as 'contentType'.");
                }

                if (name.Length == 0 || RefusedHeaders.Contains(name, StringComparer.OrdinalIgnoreCase) || name.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter != '-' && letter != '_') || value.Any(char.IsControl))
                {
                    throw new InvalidRequestException($"The header '{name}' cannot be sent. Leave it out.");
                }
            }

            return [.. headers ?? []];
        }

        private async Task<string> AskAsync(FetchRequest request, CancellationToken cancellationToken)
        {
            var answer = await fetcher.FetchAsync(request, cancellationToken);
            return ToolJson.Write(new
            {
                answer.Status,
                Url = answer.Url.AbsoluteUri,
                ContentType = answer.MediaType,
                Length = answer.IsTruncated || request.Method == HttpMethod.Head ? answer.Length : answer.Body.Length,
                Truncated = answer.IsTruncated ? $"Only the first {options.MaxBytes} bytes were read." : null,
                Body = request.Method == HttpMethod.Head ? null
                    : answer.IsText ? BoundedRead.Shorten(answer.Text(), options.MaxLetters, "Fetch something smaller.")
                    : "[This is not text and is left out.]",
            });
        }
    }
}
