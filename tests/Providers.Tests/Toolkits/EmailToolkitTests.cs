using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits.Email;

namespace Cluster.Providers.Tests.Toolkits;

public sealed class EmailToolkitTests
{
    [Fact]
    public async Task A_mail_reaches_its_recipients()
    {
        await using var server = new SmtpServer("bot:pass word");
        var email = Email(server, options => options with { User = "bot", Password = "pass word" });

        var answer = await email.CallAsync("send_email", new { to = new[] { "ann@example.com", "Bob@Friends.example" }, subject = "Grüße", body = "Hallo Änn,\n.\nbis bald" });

        Assert.Equal("The mail was sent to ann@example.com, Bob@Friends.example.", answer);
        var mail = Assert.Single(server.Mails);
        Assert.Equal(("bot@example.com", "ann@example.com,Bob@Friends.example"), (mail.From, string.Join(',', mail.To)));
        Assert.Equal("Hallo Änn,\n.\nbis bald", mail.Body.ReplaceLineEndings("\n").TrimEnd('\n'));
        Assert.StartsWith("=?utf-8?", mail.Header("Subject"), StringComparison.Ordinal);
        Assert.Equal(ToolEffect.Once, email.Tools[0].Options.Effect);
    }

    [Theory]
    [InlineData("eve@example.org", "Mails to 'eve@example.org' are not allowed. Allowed are: ann@example.com, *@friends.example, gone@example.com.")]
    [InlineData("x@sub.friends.example", "Mails to 'x@sub.friends.example' are not allowed. Allowed are: ann@example.com, *@friends.example, gone@example.com.")]
    [InlineData("Ann <ann@example.com>", "'Ann <ann@example.com>' is no mail address. Give a plain one, for instance ann@example.com.")]
    [InlineData("ann@example.com, eve@example.org", "'ann@example.com, eve@example.org' is no mail address. Give a plain one, for instance ann@example.com.")]
    [InlineData("gone@example.com", "The mail server refuses the recipient <gone@example.com> (550). Check the address.")]
    public async Task A_recipient_that_cannot_be_written_to_is_refused_with_the_reason(string recipient, string message)
    {
        await using var server = new SmtpServer();

        var refusal = await Assert.ThrowsAnyAsync<EngineException>(() => Email(server).CallAsync("send_email", new { to = new[] { recipient }, subject = "s", body = "b" }));

        Assert.Equal(message, refusal.Message);
        Assert.Empty(server.Mails);
    }

    [Theory]
    [InlineData("ann@example.com,gone@example.com", 1, "The mail server refuses the recipient <gone@example.com> (550). All others have got the mail and must not get it again: correct and send to that one only.")]
    [InlineData("gone@example.com,bob@friends.example,gone@friends.example", 1, "The mail server refuses the recipients <gone@example.com> (550), <gone@friends.example> (550). All others have got the mail and must not get it again: correct and send to those only.")]
    [InlineData("gone@example.com,gone@friends.example", 0, "The mail server refuses the recipients <gone@example.com> (550), <gone@friends.example> (550). Check the addresses. Nobody has got the mail.")]
    public async Task A_mail_that_some_recipients_have_got_says_so(string recipients, int mails, string message)
    {
        await using var server = new SmtpServer();

        var refusal = await Assert.ThrowsAsync<InvalidRequestException>(() => Email(server).CallAsync("send_email", new { to = recipients.Split(','), subject = "s", body = "b" }));

        Assert.Equal(message, refusal.Message);
        Assert.Equal(mails, server.Mails.Count);
    }

    [Fact]
    public async Task Without_a_list_nobody_is_written_to()
    {
        await using var server = new SmtpServer();

        var refusal = await Assert.ThrowsAsync<ForbiddenException>(() =>
            Email(server, options => options with { Recipients = [] }).CallAsync("send_email", new { to = new[] { "ann@example.com" }, subject = "s", body = "b" }));

        Assert.Equal("Mails to 'ann@example.com' are not allowed. Nobody is.", refusal.Message);
    }

    [Fact]
    public async Task A_subject_cannot_bring_headers()
    {
        await using var server = new SmtpServer();

        await Assert.ThrowsAsync<InvalidRequestException>(() => Email(server).CallAsync("send_email", new { to = new[] { "ann@example.com" }, subject = "s\r\nBcc: eve@example.org", body = "b" }));

        Assert.Empty(server.Mails);
    }

    [Fact]
    public async Task A_server_that_does_not_encrypt_gets_neither_password_nor_mail()
    {
        await using var server = new SmtpServer("bot:hunter2");

        var refusal = await Assert.ThrowsAsync<UnavailableException>(() =>
            Email(server, options => options with { StartTls = true, User = "bot", Password = "hunter2" }).CallAsync("send_email", new { to = new[] { "ann@example.com" }, subject = "s", body = "b" }));

        Assert.Equal("The mail server cannot be reached, or not securely. Try again later.", refusal.Message);
        Assert.Empty(server.Mails);
    }

    [Fact]
    public async Task Password_and_mail_go_encrypted_to_a_server_whose_certificate_is_trusted_and_to_no_other()
    {
        using var key = RSA.Create(2048);
        using var drawn = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        using var certificate = X509CertificateLoader.LoadPkcs12(drawn.Export(X509ContentType.Pfx), null);
        await using var server = new SmtpServer("bot:hunter2", certificate);
        var email = Email(server, options => options with { StartTls = true, User = "bot", Password = "hunter2" });
        var mail = new { to = new[] { "ann@example.com" }, subject = "s", body = "b" };

        await Assert.ThrowsAsync<UnavailableException>(() => email.CallAsync("send_email", mail));
        Assert.Empty(server.Mails);

#pragma warning disable SYSLIB0014 // It is how SmtpClient is told whom to trust.
        ServicePointManager.ServerCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == certificate.GetCertHashString();
        await email.CallAsync("send_email", mail);
        ServicePointManager.ServerCertificateValidationCallback = null;
#pragma warning restore SYSLIB0014

        Assert.True(Assert.Single(server.Mails).WasEncrypted);
    }

    [Fact]
    public async Task A_wrong_password_is_not_told()
    {
        await using var server = new SmtpServer("bot:right");

        var refusal = await Assert.ThrowsAsync<UnavailableException>(() =>
            Email(server, options => options with { User = "bot", Password = "hunter2" }).CallAsync("send_email", new { to = new[] { "ann@example.com" }, subject = "s", body = "b" }));

        Assert.DoesNotContain("hunter2", refusal.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.Mails);
    }

    private static Toolkit Email(SmtpServer server, Func<EmailToolkitOptions, EmailToolkitOptions>? change = null)
    {
        var options = new EmailToolkitOptions
        {
            Host = "127.0.0.1",
            Port = server.Port,
            StartTls = false,
            From = "bot@example.com",
            Recipients = ["ann@example.com", "*@friends.example", "gone@example.com"],
        };
        return EmailToolkit.Create(change?.Invoke(options) ?? options);
    }
}
