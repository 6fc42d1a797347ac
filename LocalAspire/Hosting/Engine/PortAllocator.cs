using System.Net;
using System.Net.Sockets;

namespace LocalAspire.Hosting.Engine;

/// <summary>
/// Chooses free ports, below the range from which the system takes ports for outgoing connections. A run owns whole blocks
/// of ports by listening on the first of each: two runs never choose the same, and a block is free again however a run ends.
/// </summary>
internal sealed class PortAllocator : IDisposable
{
    private const int First = 20_000;
    private const int BlockSize = 100;
    private const int Blocks = 120;
    private readonly Lock _lock = new();
    private readonly List<TcpListener> _owned = [];
    private int _next;
    private int _end;

    /// <summary>A port that nobody listens on, and that no other run will choose.</summary>
    public int Next()
    {
        lock (_lock)
        {
            while (true)
            {
                if (_next == _end)
                    OwnBlock();
                if (TryListen(_next++) is not { } probe)
                    continue;
                probe.Stop();
                return _next - 1;
            }
        }
    }

    public void Dispose()
    {
        foreach (var listener in _owned)
            listener.Stop();
    }

    /// <summary>Listens on a port of 127.0.0.1, if it is free.</summary>
    public static TcpListener? TryListen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return listener;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            listener.Dispose();
            return null;
        }
    }

    private void OwnBlock()
    {
        var start = Random.Shared.Next(Blocks);
        for (var i = 0; i < Blocks; i++)
        {
            var first = First + (start + i) % Blocks * BlockSize;
            if (TryListen(first) is not { } listener)
                continue;
            _owned.Add(listener);
            (_next, _end) = (first + 1, first + BlockSize);
            return;
        }
        throw new DistributedApplicationException($"No free ports between {First} and {First + Blocks * BlockSize}: end other runs.");
    }
}
