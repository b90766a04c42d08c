using System.Globalization;
using System.Text;

namespace Cluster.Providers.Models;

/// <summary>The connections to all vendors. Every answer that is not a success becomes a <see cref="VendorFailure"/> before a vendor's library sees it.</summary>
/// <param name="timeProvider">The clock that dates in <c>Retry-After</c> are compared with.</param>
internal sealed class VendorHttp(TimeProvider timeProvider) : IDisposable
{
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Gets the client. Nobody but this class disposes it. Timeouts are those of <see cref="VendorChatClient"/>.</summary>
    public HttpClient Client { get; } = new(new FailureHandler(timeProvider)
    {
        // A redirect would carry the key to wherever it points.
        InnerHandler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = System.Net.DecompressionMethods.All,
            PooledConnectionLifetime = ConnectionLifetime,
            ConnectTimeout = ConnectTimeout,
        },
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public void Dispose() => Client.Dispose();

    /// <summary>Reads how long a vendor asks to wait that answered with a success and means an error.</summary>
    /// <param name="header">Gives a header; null for none.</param>
    public static TimeSpan? RetryAfter(Func<string, string?> header) =>
        Pause(header("retry-after-ms"), TimeSpan.FromMilliseconds) ?? Pause(header("retry-after"), TimeSpan.FromSeconds);

    private static TimeSpan? Pause(string? text, Func<double, TimeSpan> unit) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var count) && count is >= 0 and < int.MaxValue ? unit(count) : null;

    private sealed class FailureHandler(TimeProvider timeProvider) : DelegatingHandler
    {
        private const int LongestBody = 64 * 1024;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                throw VendorFailure.FromStatus((int)response.StatusCode, await ReadBodyAsync(response, cancellationToken), RetryAfter(response));
            }
        }

        private static async Task<string> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            var buffer = new byte[LongestBody];
            var length = await body.ReadAtLeastAsync(buffer, LongestBody, throwOnEndOfStream: false, cancellationToken);
            return Encoding.UTF8.GetString(buffer, 0, length);
        }

        private TimeSpan? RetryAfter(HttpResponseMessage response)
        {
            if (response.Headers.TryGetValues("retry-after-ms", out var values) && Pause(values.First(), TimeSpan.FromMilliseconds) is { } named)
            {
                return named;
            }

            var pause = response.Headers.RetryAfter?.Delta ?? response.Headers.RetryAfter?.Date - timeProvider.GetUtcNow();
            return pause < TimeSpan.Zero ? TimeSpan.Zero : pause;
        }
    }
}
