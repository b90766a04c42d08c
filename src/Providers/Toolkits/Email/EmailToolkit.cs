using System.ComponentModel;
using System.Net;
using System.Net.Mail;
using System.Security.Authentication;
using System.Text;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Toolkits.Email;

/// <summary>Mails over SMTP.</summary>
public static class EmailToolkit
{
    /// <summary>Makes the toolkit <c>email</c>. Nothing is connected to yet.</summary>
    /// <param name="options">How mails are sent, and to whom.</param>
    /// <returns>The toolkit.</returns>
    /// <exception cref="InvalidRequestException">The address that mails come from is none.</exception>
    public static Toolkit Create(EmailToolkitOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return !MailAddress.TryCreate(options.From, out _) ? throw new InvalidRequestException($"'{options.From}' is no mail address that mails could come from. Correct it.") : new Toolkit { Name = "email", Tools = [Tool.Create(new EmailTools(options).SendEmailAsync)] };
    }

    private sealed class EmailTools(EmailToolkitOptions options)
    {
        [Description("Sends an e-mail.")]
        public async Task<string> SendEmailAsync(
            [Description("The recipients' addresses.")] string[] to,
            [Description("The subject, one line.")] string subject,
            [Description("The text.")] string body,
            CancellationToken cancellationToken)
        {
            using var mail = new MailMessage { From = new MailAddress(options.From), Subject = OneLine(subject), SubjectEncoding = Encoding.UTF8, Body = body, BodyEncoding = Encoding.UTF8 };
            foreach (var recipient in Checked(to))
            {
                mail.To.Add(recipient);
            }

            return await TimeLimit.RunAsync(options.Timeout, "Sending the mail", token => SendAsync(mail, token), cancellationToken);
        }

        private async Task<string> SendAsync(MailMessage mail, CancellationToken cancellationToken)
        {
            using var client = new SmtpClient(options.Host, options.Port) { EnableSsl = options.StartTls };
            if (options.User is { } user)
            {
                client.UseDefaultCredentials = false;
                client.Credentials = new NetworkCredential(user, options.Password);
            }

            try
            {
                await client.SendMailAsync(mail, cancellationToken);
                return $"The mail was sent to {string.Join(", ", mail.To.Select(recipient => recipient.Address))}.";
            }
            catch (SmtpFailedRecipientException refused)
            {
                throw Refusal(refused, mail.To.Count);
            }
            catch (AuthenticationException)
            {
                throw new UnavailableException("The mail server's certificate is not trusted. Whoever runs the agent has to correct the host or the certificate.") { IsForCallers = true };
            }
            catch (SmtpException failure)
            {
                throw new UnavailableException(failure.StatusCode == SmtpStatusCode.GeneralFailure
                    ? "The mail server cannot be reached, or not securely. Try again later."
                    : $"The mail server does not take the mail ({(int)failure.StatusCode}). Try again later, or let whoever runs the agent check the login.")
                {
                    IsForCallers = true,
                };
            }
        }

        /// <summary>A mail goes to everyone whom the server takes. Only when it takes nobody is nothing sent.</summary>
        private static InvalidRequestException Refusal(SmtpFailedRecipientException refused, int recipients)
        {
            SmtpFailedRecipientException[] failed = refused is SmtpFailedRecipientsException several ? several.InnerExceptions : [refused];
            var names = string.Join(", ", failed.Select(one => $"{one.FailedRecipient} ({(int)one.StatusCode})"));
            return new InvalidRequestException(failed.Length == recipients
                ? $"The mail server refuses the recipient{(recipients > 1 ? "s" : string.Empty)} {names}. Check the address{(recipients > 1 ? "es. Nobody has got the mail" : string.Empty)}."
                : $"The mail server refuses the recipient{(failed.Length > 1 ? "s" : string.Empty)} {names}. All others have got the mail and must not get it again: correct and send to {(failed.Length > 1 ? "those" : "that one")} only.");
        }

        private static string OneLine(string subject) =>
            subject.AsSpan().IndexOfAny('\r', '\n') < 0 ? subject : throw new InvalidRequestException("The subject has more than one line. Make it one.");

        private List<MailAddress> Checked(string[] recipients)
        {
            if (recipients.Length == 0 || recipients.Length > options.MaxRecipients)
            {
                throw new InvalidRequestException($"A mail has 1 to {options.MaxRecipients} recipients, not {recipients.Length}. Change that.");
            }

            return [.. recipients.Select(Checked)];
        }

        private MailAddress Checked(string recipient)
        {
            var address = MailAddress.TryCreate(recipient, out var parsed) && parsed.Address == recipient.Trim()
                ? parsed
                : throw new InvalidRequestException($"'{recipient}' is no mail address. Give a plain one, for instance ann@example.com.");
            return options.Recipients.Any(allowed => allowed == "*" ||
                    (allowed.StartsWith("*@", StringComparison.Ordinal) ? address.Host.Equals(allowed[2..], StringComparison.OrdinalIgnoreCase) : address.Address.Equals(allowed, StringComparison.OrdinalIgnoreCase)))
                ? address
                : throw new ForbiddenException($"Mails to '{address.Address}' are not allowed. {(options.Recipients.IsEmpty ? "Nobody is." : $"Allowed are: {string.Join(", ", options.Recipients)}.")}");
        }
    }
}
