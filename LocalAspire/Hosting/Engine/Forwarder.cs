using System.Net;
using System.Net.Sockets;
using LocalAspire.Hosting.ApplicationModel;

namespace LocalAspire.Hosting.Engine;

/// <summary>Owns a public port, and spreads its connections over the replicas that live: their restarts do not free it.</summary>
internal sealed class Forwarder : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<TcpListener> _listeners;
    private readonly Func<IReadOnlyList<int>> _targets;
    private readonly List<Task> _acceptLoops;
    private uint _turn;

    private Forwarder(List<TcpListener> listeners, Func<IReadOnlyList<int>> targets)
    {
        (_listeners, _targets) = (listeners, targets);
        _acceptLoops = [.. listeners.Select(AcceptAsync)];
    }

    /// <summary>Listens on a port of 127.0.0.1, and of ::1 where there is such an address.</summary>
    /// <exception cref="DistributedApplicationException">The port is taken; the message says by whom.</exception>
    public static Forwarder Listen(IResource resource, EndpointAnnotation endpoint, int port, string hint, Func<IReadOnlyList<int>> targets)
    {
        List<TcpListener> listeners = [];
        foreach (var address in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback])
        {
            var listener = new TcpListener(address, port);
            try
            {
                listener.Start();
                listeners.Add(listener);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                listeners.ForEach(l => l.Dispose());
                throw Taken(resource, endpoint, port, hint);
            }
            catch (SocketException e) when (address.AddressFamily == AddressFamily.InterNetworkV6
                && e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported)
            {
                // There is no IPv6 here.
            }
        }
        return new(listeners, targets);
    }

    /// <summary>Checks that a process will be able to listen on a port.</summary>
    /// <exception cref="DistributedApplicationException">The port is taken; the message says by whom.</exception>
    public static void EnsureFree(IResource resource, EndpointAnnotation endpoint, int port, string hint) =>
        (PortAllocator.TryListen(port) ?? throw Taken(resource, endpoint, port, hint)).Stop();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listeners.ForEach(listener => listener.Dispose());
        await Task.WhenAll(_acceptLoops);
        _stop.Dispose();
    }

    private static DistributedApplicationException Taken(IResource resource, EndpointAnnotation endpoint, int port, string hint) =>
        new($"Port {port}, which the endpoint '{endpoint.Name}' of '{resource.Name}' needs, is taken{PortOwner.Describe(port)}. {hint}");

    private async Task AcceptAsync(TcpListener listener)
    {
        while (!_stop.IsCancellationRequested)
            try
            {
                _ = ForwardAsync(await listener.AcceptSocketAsync(_stop.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                // The end, or a client that was gone before it was served.
            }
    }

    private async Task ForwardAsync(Socket client)
    {
        using (client)
            try
            {
                using var target = await ConnectAsync();
                if (target is null)
                    return;
                client.NoDelay = target.NoDelay = true;
                await Task.WhenAll(CopyAsync(client, target), CopyAsync(target, client));
            }
            catch (Exception e) when (e is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
            {
                // One side broke off: so does the other.
            }
    }

    private async Task<Socket?> ConnectAsync()
    {
        var targets = _targets();
        var first = Interlocked.Increment(ref _turn);
        for (var i = 0u; i < targets.Count; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, targets[(int)((first + i) % targets.Count)], _stop.Token);
                return socket;
            }
            catch (SocketException)
            {
                socket.Dispose();
            }
        }
        return null;
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        try
        {
            var buffer = new byte[16 * 1024];
            int read;
            while ((read = await from.ReceiveAsync(buffer, _stop.Token)) > 0)
                for (var sent = 0; sent < read;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _stop.Token);
            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            from.Dispose();
            to.Dispose();
            throw;
        }
    }
}
