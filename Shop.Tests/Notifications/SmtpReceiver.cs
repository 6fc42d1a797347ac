using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MimeKit;

namespace Shop.Tests.Notifications;

/// <summary>A small mail server (RFC 5321) that keeps what it is given.</summary>
public sealed class SmtpReceiver : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly TcpListener _listener;
    private readonly Task _accepting;

    public SmtpReceiver(int port = 0)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What it says to a mail that it has read; nothing where it hangs up instead.</summary>
    public Func<MimeMessage, string?> Verdict { get; set; } = _ => "250 OK";

    /// <summary>Every mail that came in, whatever was said to it.</summary>
    public ConcurrentQueue<MimeMessage> Mails { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var talks = new List<Task>();
        try
        {
            while (true)
                talks.Add(TalkAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(talks);
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using var connection = client;
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.Latin1);
        await using var writer = new StreamWriter(stream, Encoding.Latin1) { NewLine = "\r\n", AutoFlush = true };
        try
        {
            await writer.WriteLineAsync("220 mail.test");
            while (await reader.ReadLineAsync(_end.Token) is { } line)
            {
                var answer = "250 OK";
                if (line == "DATA")
                {
                    await writer.WriteLineAsync("354 go on");
                    if (await TakeAsync(reader) is not { } verdict)
                        return;
                    answer = verdict;
                }

                await writer.WriteLineAsync(line == "QUIT" ? "221 bye" : answer);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or IOException)
        {
            // One of both has hung up.
        }
    }

    private async Task<string?> TakeAsync(StreamReader reader)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(_end.Token) is { } line && line != ".")
            text.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        var mail = await MimeMessage.LoadAsync(new MemoryStream(Encoding.Latin1.GetBytes(text.ToString())));
        Mails.Enqueue(mail);
        return Verdict(mail);
    }
}
