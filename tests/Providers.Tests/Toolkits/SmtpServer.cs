using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Cluster.Providers.Tests.Toolkits;

/// <summary>A mail server on loopback that speaks as much of RFC 5321 and RFC 4954 as it takes to receive a mail.</summary>
public sealed class SmtpServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private readonly string? _login;
    private readonly X509Certificate2? _certificate;

    /// <param name="login">The only <c>user:password</c> that may send; null for no login.</param>
    /// <param name="certificate">What the server encrypts with; null for no encryption.</param>
    public SmtpServer(string? login = null, X509Certificate2? certificate = null)
    {
        (_login, _certificate) = (login, certificate);
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public ConcurrentQueue<ReceivedMail> Mails { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await TalkAsync(client);
            }
            catch (Exception ended) when (ended is OperationCanceledException or IOException or SocketException or System.Security.Authentication.AuthenticationException)
            {
                // The test is over, or the client hung up.
            }
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        if (await TalkAsync(client.GetStream(), "220 loopback ESMTP", isEncrypted: false))
        {
            await using var encrypted = new SslStream(client.GetStream());
            await encrypted.AuthenticateAsServerAsync(_certificate!);
            await TalkAsync(encrypted, greeting: null, isEncrypted: true);
        }
    }

    /// <returns>True when the client wants to go on encrypted.</returns>
    private async Task<bool> TalkAsync(Stream stream, string? greeting, bool isEncrypted)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        await using var writer = new StreamWriter(stream, Encoding.ASCII, leaveOpen: true) { NewLine = "\r\n", AutoFlush = true };
        if (greeting is not null)
        {
            await writer.WriteLineAsync(greeting);
        }

        var mail = new ReceivedMail();
        var isIn = _login is null;
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            var verb = line.Split(' ', ':')[0].ToUpperInvariant();
            switch (verb)
            {
                case "EHLO":
                    await writer.WriteLineAsync(
                        _certificate is not null && !isEncrypted ? "250-loopback\r\n250 STARTTLS" : _login is null ? "250 loopback" : "250-loopback\r\n250 AUTH LOGIN");
                    break;
                case "STARTTLS" when _certificate is not null && !isEncrypted:
                    await writer.WriteLineAsync("220 go ahead");
                    return true;
                case "AUTH":
                    isIn = await LogInAsync(line, reader, writer);
                    await writer.WriteLineAsync(isIn ? "235 welcome" : "535 wrong user or password");
                    break;
                case "MAIL" or "RCPT" when !isIn:
                    await writer.WriteLineAsync("530 log in first");
                    break;
                case "MAIL":
                    mail = new ReceivedMail { From = Address(line), WasEncrypted = isEncrypted };
                    await writer.WriteLineAsync("250 ok");
                    break;
                case "RCPT" when Address(line).StartsWith("gone@", StringComparison.Ordinal):
                    await writer.WriteLineAsync("550 nobody of that name");
                    break;
                case "RCPT":
                    mail.To.Add(Address(line));
                    await writer.WriteLineAsync("250 ok");
                    break;
                case "DATA":
                    await writer.WriteLineAsync("354 go on");
                    mail.Content = await ReadContentAsync(reader);
                    Mails.Enqueue(mail);
                    await writer.WriteLineAsync("250 taken");
                    break;
                case "QUIT":
                    await writer.WriteLineAsync("221 bye");
                    return false;
                default:
                    await writer.WriteLineAsync("502 unknown command");
                    break;
            }
        }

        return false;
    }

    private async Task<bool> LogInAsync(string line, StreamReader reader, StreamWriter writer)
    {
        var user = line.Split(' ') is [_, _, var initial] ? initial : await AskAsync("VXNlcm5hbWU6");
        var password = await AskAsync("UGFzc3dvcmQ6");
        return $"{Decode(user)}:{Decode(password)}" == _login;

        async Task<string> AskAsync(string prompt)
        {
            await writer.WriteLineAsync($"334 {prompt}");
            return await reader.ReadLineAsync(_stop.Token) ?? string.Empty;
        }
    }

    private async Task<string> ReadContentAsync(StreamReader reader)
    {
        var content = new StringBuilder();
        while (await reader.ReadLineAsync(_stop.Token) is { } line && line != ".")
        {
            content.Append(line.StartsWith('.') ? line[1..] : line).Append('\n');
        }

        return content.ToString();
    }

    private static string Address(string line) => line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)];

    private static string Decode(string text) => Encoding.UTF8.GetString(Convert.FromBase64String(text));
}

/// <summary>A mail as it was received.</summary>
public sealed class ReceivedMail
{
    public string From { get; init; } = string.Empty;

    public bool WasEncrypted { get; init; }

    public System.Collections.ObjectModel.Collection<string> To { get; } = [];

    public string Content { get; set; } = string.Empty;

    public string Header(string name) => Content.Split('\n').First(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))[(name.Length + 1)..].Trim();

    /// <summary>Gets the text, decoded.</summary>
    public string Body
    {
        get
        {
            var body = Content[(Content.IndexOf("\n\n", StringComparison.Ordinal) + 2)..];
            return Header("Content-Transfer-Encoding") == "base64" ? Encoding.UTF8.GetString(Convert.FromBase64String(body.ReplaceLineEndings(string.Empty))) : body;
        }
    }
}
