using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Cluster.Storage.Tests.Postgres;

/// <summary>A loopback port between a store and its server: it can lose an answer, or take the server away.</summary>
internal sealed class PostgresRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly string _host;
    private readonly int _port;
    private readonly Task _accepting;
    private byte[]? _mark;

    public PostgresRelay(string connectionString)
    {
        var connection = new NpgsqlConnectionStringBuilder(connectionString);
        (_host, _port) = (connection.Host!, connection.Port);
        _listener.Start();
        connection.Host = IPAddress.Loopback.ToString();
        connection.Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        connection.SslMode = SslMode.Disable;
        connection.GssEncryptionMode = GssEncryptionMode.Disable;
        ConnectionString = connection.ConnectionString;
        _accepting = AcceptAsync();
    }

    public string ConnectionString { get; }

    /// <summary>How many answers were lost.</summary>
    public int LostAnswers { get; private set; }

    /// <summary>Cuts the connection once the server has answered the next request that holds a text, instead of passing the answer on.</summary>
    public void LoseAnswerTo(string text) => _mark = System.Text.Encoding.UTF8.GetBytes(text);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        var relays = new List<Task>();
        try
        {
            while (true)
            {
                relays.Add(RelayAsync(await _listener.AcceptSocketAsync(_stopping.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(relays);
        }
    }

    private async Task RelayAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var clientStream = new NetworkStream(client, ownsSocket: true);
        await server.ConnectAsync(_host, _port, _stopping.Token);
        using var serverStream = new NetworkStream(server);
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var isMarked = false;
        await Task.WhenAll(
            CopyAsync(clientStream, serverStream, chunk => (isMarked |= TakeMark(chunk)) || true, cut),
            CopyAsync(serverStream, clientStream, _ => !isMarked, cut));
    }

    private bool TakeMark(ReadOnlyMemory<byte> chunk)
    {
        if (_mark is not { } mark || chunk.Span.IndexOf(mark) < 0)
        {
            return false;
        }

        _mark = null;
        LostAnswers++;
        return true;
    }

    private static async Task CopyAsync(Stream from, Stream to, Func<ReadOnlyMemory<byte>, bool> mayPass, CancellationTokenSource cut)
    {
        try
        {
            var buffer = new byte[64 * 1024];
            for (int read; (read = await from.ReadAsync(buffer, cut.Token)) > 0 && mayPass(buffer.AsMemory(0, read));)
            {
                await to.WriteAsync(buffer.AsMemory(0, read), cut.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The other side has gone, which is what the tests are about.
        }

        await cut.CancelAsync();
    }
}
