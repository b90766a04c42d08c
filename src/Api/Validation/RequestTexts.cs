using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;

namespace Cluster.Api.Validation;

/// <summary>
/// Makes the texts of addresses what clients meant: an encoded slash is part of an id. Texts that no store can look up are refused before anybody tries:
/// those with NUL or half a character.
/// </summary>
/// <param name="next">The rest of the pipeline.</param>
internal sealed class RequestTexts(RequestDelegate next)
{
    private const string EncodedSlash = "%2F";

    public Task InvokeAsync(HttpContext context)
    {
        DecodeSlashes(context);
        List<ValidationItem> broken =
        [
            .. context.Request.RouteValues.Where(value => IsBroken(value.Value as string)).Select(value => Refuse("path", value.Key)),
            .. context.Request.Query.Where(field => IsBroken(field.Key) || field.Value.Any(IsBroken)).Select(field => Refuse("query", field.Key)),
        ];
        return broken.Count == 0 ? next(context) : throw new ValidationException(broken);
    }

    private static bool IsBroken(string? text) => text is not null && (text.Contains('\0', StringComparison.Ordinal) || !StrictJson.IsWhole(text));

    private static ValidationItem Refuse(string place, string name) => new(
        "string_unicode",
        IsBroken(name) ? new JsonArray(place) : ValidationItem.ToLoc(place, name),
        "Input should be a valid string without NUL and without unpaired surrogates");

    /// <summary>
    /// The server decodes everything in a path but slashes, so that an id with one would be looked for under its encoded form. Only the address as it was sent
    /// tells such a slash from an id in which somebody wrote <c>%2F</c>.
    /// </summary>
    private static void DecodeSlashes(HttpContext context)
    {
        var values = context.Request.RouteValues;
        var encoded = values.Where(value => value.Value is string text && text.Contains(EncodedSlash, StringComparison.OrdinalIgnoreCase)).ToArray();
        if (encoded.Length == 0)
        {
            return;
        }

        var sent = (context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? string.Empty).Split('?', 2)[0].Split('/');
        var decoded = (context.Request.Path.Value ?? string.Empty).Split('/');
        var behind = sent.Length - decoded.Length;
        foreach (var (name, value) in behind < 0 ? [] : encoded)
        {
            var place = Array.IndexOf(decoded, (string)value!);
            values[name] = place < 0 ? value : Uri.UnescapeDataString(sent[place + behind]);
        }
    }
}
