using System.Text;
using Cluster.Api.Errors;
using Microsoft.AspNetCore.Http.Features;

namespace Cluster.Api.Validation;

/// <summary>Reads form bodies.</summary>
internal static class FormBody
{
    /// <summary>Reads the form of a request. A body of another type counts as an empty form, so that its fields are reported as missing.</summary>
    /// <param name="request">The request.</param>
    /// <returns>The form.</returns>
    /// <exception cref="ApiException">The body is not the form that its type promises.</exception>
    public static async Task<IFormCollection> ReadAsync(HttpRequest request)
    {
        if (!request.HasFormContentType)
        {
            return FormCollection.Empty;
        }

        // The whole body is bounded already; bounds of single parts would only refuse what fits.
        var options = new FormOptions { ValueLengthLimit = int.MaxValue, MultipartBodyLengthLimit = long.MaxValue, BufferBodyLengthLimit = long.MaxValue };
        try
        {
            return await request.ReadFormAsync(options, request.HttpContext.RequestAborted);
        }
        catch (Exception error) when (error is InvalidDataException or (IOException and not BadHttpRequestException))
        {
            throw ApiException.BadRequest($"There was an error parsing the body: {error.Message}");
        }
        catch (Exception error) when (error is NotSupportedException or ArgumentException or DecoderFallbackException)
        {
            // A part may name any charset, also those that the platform knows and refuses.
            throw ApiException.BadRequest("There was an error parsing the body: a part of it has a charset that cannot be read. Use UTF-8.");
        }
    }
}
