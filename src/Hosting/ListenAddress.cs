using Cluster.Engine.Errors;
using Microsoft.AspNetCore.Http;

namespace Cluster.Hosting;

/// <summary>Refuses addresses that the web server would only fail on.</summary>
public static class ListenAddress
{
    /// <summary>Checks where to listen.</summary>
    /// <param name="url">One address, or several separated by semicolons.</param>
    /// <returns>The same <paramref name="url"/>.</returns>
    /// <exception cref="InvalidRequestException">The server cannot listen there.</exception>
    public static string Check(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        var parts = url.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return parts.Length > 0 && parts.All(IsAddress)
            ? url
            : throw new InvalidRequestException($"Nothing can listen at '{url}'. Use an address like http://localhost:7777, without a path; a port that the system chooses needs http://127.0.0.1:0.");
    }

    private static bool IsAddress(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            return address.Scheme.ToUpperInvariant() is "HTTP" or "HTTPS"
                && address.PathBase.Length == 0
                && address.Port is >= 0 and <= 65_535
                && (address.Port != 0 || !address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase));
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
