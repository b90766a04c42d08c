using Microsoft.Extensions.Options;

namespace Cluster.Storage.Blobs;

/// <summary>How the content of media is kept, bound from the section <c>Media</c>.</summary>
public sealed class MediaOptions
{
    /// <summary>The configuration section these options are bound from.</summary>
    public const string SectionName = "Media";

    /// <summary>Gets or sets how long content stays to which no run refers yet. It has to be longer than a request can take. The default is an hour.</summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Gets or sets the bucket that holds the content in place of the store of the runs; without an endpoint there is none.</summary>
    public S3Options S3 { get; set; } = new();
}

/// <summary>A bucket of a server that speaks S3.</summary>
public sealed class S3Options
{
    /// <summary>Gets or sets the address of the server, for instance <c>https://s3.eu-central-1.amazonaws.com</c>; null to keep content beside the runs.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>Gets or sets the bucket, which has to exist.</summary>
    public string Bucket { get; set; } = string.Empty;

    /// <summary>Gets or sets the region that requests are signed for. The default is <c>us-east-1</c>, which most servers other than Amazon's take.</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>Gets or sets what the names of objects begin with, for instance <c>media/</c>. The default is nothing.</summary>
    public string Prefix { get; set; } = string.Empty;

    /// <summary>Gets or sets the name of the setting that holds the id of the key, so that configuration files need not. The default is <c>AWS_ACCESS_KEY_ID</c>.</summary>
    public string AccessKeyFrom { get; set; } = "AWS_ACCESS_KEY_ID";

    /// <summary>Gets or sets the name of the setting that holds the key. The default is <c>AWS_SECRET_ACCESS_KEY</c>.</summary>
    public string SecretKeyFrom { get; set; } = "AWS_SECRET_ACCESS_KEY";

    /// <summary>Gets or sets how long the server may take for one request, transfers included. The default is five minutes.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);
}

/// <summary>Checks the ranges, and that a bucket is named where there is an endpoint.</summary>
internal sealed class MediaOptionsValidator : IValidateOptions<MediaOptions>
{
    public ValidateOptionsResult Validate(string? name, MediaOptions options) =>
        options.Grace < TimeSpan.FromMinutes(1) ? ValidateOptionsResult.Fail("Media:Grace is at least a minute: content must outlast the request that brought it.")
        : options.S3.Endpoint is not null && options.Grace < 2 * options.S3.Timeout ? ValidateOptionsResult.Fail("Media:Grace is at least twice Media:S3:Timeout: what is still being written must not be cleared.")
        : options.S3 is { Endpoint: not null, Bucket.Length: 0 } ? ValidateOptionsResult.Fail("Media:S3:Bucket is missing. Name a bucket that exists, or leave Media:S3:Endpoint out.")
        : ValidateOptionsResult.Success;
}
