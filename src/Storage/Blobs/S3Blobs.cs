using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using Cluster.Engine.Errors;
using Cluster.Engine.Scopes;

namespace Cluster.Storage.Blobs;

/// <summary>
/// Holds content in a bucket of a server that speaks S3: three requests, signed, addressed by path. Servers show an object only when all of it has arrived with
/// the hash that was signed.
/// </summary>
/// <param name="http">Sends.</param>
/// <param name="options">The bucket.</param>
/// <param name="signature">Signs.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class S3Blobs(HttpClient http, S3Options options, S3Signature signature, TimeProvider timeProvider) : IMediaBlobs
{
    private const int PartBytes = 4 * 1024 * 1024;

    /// <summary>Creates the blobs of a bucket.</summary>
    /// <param name="options">The bucket.</param>
    /// <param name="settingOf">Reads the settings that hold the keys.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <exception cref="InvalidRequestException">A key is missing.</exception>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The client lives as long as the process.")]
    public static S3Blobs Create(S3Options options, Func<string, string?> settingOf, TimeProvider timeProvider)
    {
        string Require(string name) => settingOf(name) is { Length: > 0 } key
            ? key
            : throw new InvalidRequestException($"The setting '{name}' is missing, which holds a key for the bucket '{options.Bucket}'. Set it, for instance as an environment variable.");
        var signature = new S3Signature(Require(options.AccessKeyFrom), Require(options.SecretKeyFrom), options.Region);
        var handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), AllowAutoRedirect = false };
        return new S3Blobs(new HttpClient(handler) { Timeout = options.Timeout }, options, signature, timeProvider);
    }

    /// <inheritdoc/>
    public async Task WriteAsync(string tenantId, string location, MediaUpload content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, AddressOf(tenantId, location));
        request.Content = new StreamContent(new Unowned(content.Content));
        request.Content.Headers.ContentLength = content.Bytes;
        using var response = await SendAsync(request, content.Sha256, cancellationToken);
        await DemandAsync(response, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<Stream?> OpenAsync(string tenantId, MediaPlace place, CancellationToken cancellationToken)
    {
        var parts = new Parts(this, tenantId, place);
        return await parts.IsThereAsync(cancellationToken) ? parts : null;
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string tenantId, string location, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, AddressOf(tenantId, location));
        using var response = await SendAsync(request, S3Signature.EmptyHash, cancellationToken);
        if (response.StatusCode != HttpStatusCode.NotFound)
        {
            await DemandAsync(response, cancellationToken);
        }
    }

    /// <summary>The names hold only letters, digits and a few marks that no server escapes in another way.</summary>
    private Uri AddressOf(string tenantId, string location)
    {
        var tenant = tenantId == TenantId.Default.Value ? string.Empty : $"tenants/{Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(tenantId))}/";
        return new Uri($"{options.Endpoint!.ToString().TrimEnd('/')}/{options.Bucket}/{options.Prefix}{tenant}{location}");
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string bodySha256, CancellationToken cancellationToken)
    {
        signature.Sign(request, bodySha256, timeProvider.GetUtcNow());
        try
        {
            return await http.SendAsync(request, cancellationToken);
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new UnavailableException($"The bucket '{options.Bucket}' at {options.Endpoint} does not answer: {failure.Message}", failure);
        }
    }

    private async Task DemandAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
        {
            var said = await response.Content.ReadAsStringAsync(cancellationToken);
            throw new UnavailableException($"The bucket '{options.Bucket}' at {options.Endpoint} answers {(int)response.StatusCode}: {said[..Math.Min(said.Length, 500)]}");
        }
    }

    private async Task<byte[]?> GetAsync(string tenantId, string location, long from, long to, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, AddressOf(tenantId, location));
        request.Headers.Range = new RangeHeaderValue(from, to);
        using var response = await SendAsync(request, S3Signature.EmptyHash, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        await DemandAsync(response, cancellationToken);
        return response.StatusCode == HttpStatusCode.PartialContent
            ? await response.Content.ReadAsByteArrayAsync(cancellationToken)
            : throw new UnavailableException($"The bucket '{options.Bucket}' at {options.Endpoint} sends all of an object where a part was asked for.");
    }

    private sealed class Parts(S3Blobs blobs, string tenantId, MediaPlace place) : PartedStream(place.Bytes)
    {
        private byte[]? _first;

        /// <summary>Fetches the beginning, which whoever opens content reads next.</summary>
        public async Task<bool> IsThereAsync(CancellationToken cancellationToken)
        {
            _first = place.Bytes == 0 ? [] : await blobs.GetAsync(tenantId, place.Location, 0, Math.Min(PartBytes, place.Bytes) - 1, cancellationToken);
            return _first is not null;
        }

        protected override async ValueTask<(long At, ReadOnlyMemory<byte> Part)> FetchAsync(long position, CancellationToken cancellationToken)
        {
            var at = position / PartBytes * PartBytes;
            return at == 0 && _first is not null
                ? (0, _first)
                : (at, await blobs.GetAsync(tenantId, place.Location, at, Math.Min(at + PartBytes, place.Bytes) - 1, cancellationToken));
        }
    }

    /// <summary>What is sent belongs to the caller, who may send it again.</summary>
    private sealed class Unowned(Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            inner.ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }
    }
}
