using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Cluster.Engine.Errors;

namespace Cluster.Engine.Guardrails;

/// <summary>One kind of personal data and how it is found. Finding must take time in proportion to the text, whatever the text is.</summary>
/// <param name="Name">The name in <c>additional_data.detected_pii</c>.</param>
/// <param name="Find">Gives the places in a text. They may overlap.</param>
public sealed record PiiPattern(string Name, Func<string, IEnumerable<Range>> Find)
{
    /// <summary>Gets social security numbers of the United States, written with dashes or blanks.</summary>
    public static PiiPattern SocialSecurityNumber { get; } = Create("SSN", @"\b\d{3}[- ]\d{2}[- ]\d{4}\b");

    /// <summary>Gets numbers of payment cards. Only those whose checksum is right count.</summary>
    public static PiiPattern CreditCard { get; } = new("Credit Card", CardNumbers.Find);

    /// <summary>Gets e-mail addresses.</summary>
    public static PiiPattern Email { get; } = Create("Email", @"[\w.%+'-]+@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)*\.\p{L}[\p{L}\p{N}-]+");

    /// <summary>Gets telephone numbers: those with a country code, and those of ten digits as they are written in North America.</summary>
    public static PiiPattern Phone { get; } = Create(
        "Phone", @"\+\d{1,3}([ ./-]?\(?\d{1,4}\)?){2,7}\b|\(\d{3}\)[ .-]?\d{3}[ .-]?\d{4}\b|\b\d{3}[ .-]?\d{3}[ .-]?\d{4}\b");

    /// <summary>Gets international bank account numbers. Only those of a known country's length whose checksum is right count.</summary>
    public static PiiPattern Iban { get; } = new("IBAN", AccountNumbers.Find);

    /// <summary>Gets all of these.</summary>
    public static ImmutableArray<PiiPattern> All { get; } = [SocialSecurityNumber, CreditCard, Email, Phone, Iban];

    /// <summary>Makes a kind of personal data of a regular expression. It is matched without backtracking, so that no text can stall a run.</summary>
    /// <param name="name">The name in <c>additional_data.detected_pii</c>.</param>
    /// <param name="expression">The expression; it may not look around or refer back.</param>
    /// <returns>The pattern.</returns>
    /// <exception cref="InvalidRequestException">The expression is none, or one that needs backtracking.</exception>
    public static PiiPattern Create(string name, string expression)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(expression);
        try
        {
            var regex = new Regex(expression, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);
            return new PiiPattern(name, text => regex.Matches(text).Where(match => match.Length > 0).Select(match => match.Index..(match.Index + match.Length)));
        }
        catch (Exception wrong) when (wrong is ArgumentException or NotSupportedException)
        {
            throw new InvalidRequestException($"The pattern '{name}' cannot be used: {wrong.Message} Write an expression without lookarounds and back references.", wrong);
        }
    }
}
