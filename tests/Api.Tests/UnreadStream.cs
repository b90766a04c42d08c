using System.Net.Sockets;
using System.Text;

namespace Cluster.Api.Tests;

/// <summary>A reader that asks for a stream and takes nothing of it, until the test reads it.</summary>
internal sealed class UnreadStream : IDisposable
{
    private readonly Socket _socket;

    private UnreadStream(Socket socket) => _socket = socket;

    public static async Task<UnreadStream> PostAsync(TestApi api, string path)
    {
        // What the system buffers is not the server's memory.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4 * 1024 };
        var server = api.Client.BaseAddress!;
        await socket.ConnectAsync(server.Host, server.Port, TestApi.Stop);
        var request = $"POST {path} HTTP/1.1\r\nHost: {server.Authority}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n\r\n";
        await socket.SendAsync(Encoding.ASCII.GetBytes(request), TestApi.Stop);
        return new UnreadStream(socket);
    }

    public static async Task<UnreadStream[]> PostManyAsync(TestApi api, string path, int count) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => PostAsync(api, path)));

    /// <summary>Reads until the server ends the stream or breaks the connection.</summary>
    /// <returns>What was read.</returns>
    public async Task<string> ReadToEndAsync()
    {
        using var read = new MemoryStream();
        var buffer = new byte[64 * 1024];
        try
        {
            while (await _socket.ReceiveAsync(buffer, TestApi.Stop) is > 0 and var count)
            {
                await read.WriteAsync(buffer.AsMemory(0, count), TestApi.Stop);
                if (read.GetBuffer().AsSpan(0, (int)read.Length).EndsWith("0\r\n\r\n"u8))
                {
                    break;
                }
            }
        }
        catch (SocketException)
        {
            // The connection is broken.
        }

        return Encoding.UTF8.GetString(read.ToArray());
    }

    public void Dispose() => _socket.Dispose();
}
