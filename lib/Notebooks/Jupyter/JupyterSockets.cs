using System.Collections.Concurrent;
using System.IO.Pipes;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ZeroI2V.Lab.Notebooks.Jupyter;

/// <summary>The channels that a client reaches the kernel by.</summary>
internal enum JupyterChannel
{
    /// <summary>Requests, answered one after the other.</summary>
    Shell,

    /// <summary>Requests that overtake them: interrupt, shutdown.</summary>
    Control,

    /// <summary>What cells show, to all clients.</summary>
    IoPub,
}

/// <summary>
/// The kernel's sockets. One thread owns them all, takes what comes in and sends what others put into its queue; it runs
/// no cell and waits for none, so that the heartbeat and an interrupt are always heard.
/// </summary>
internal sealed unsafe class JupyterSockets : IDisposable
{
    private readonly WireFormat _wire;
    private readonly Action<JupyterChannel, JupyterMessage> _received;
    private readonly nint _context;
    private readonly ZmqSocket[] _routers = [];
    private readonly ZmqSocket? _ioPub;
    private readonly ConcurrentQueue<(JupyterChannel Channel, JupyterMessage Message)> _outgoing = new();
    private readonly AnonymousPipeServerStream _wake = new(PipeDirection.Out);
    private readonly AnonymousPipeClientStream _woken;
    private readonly Thread _thread;
    private int _wakePending;
    private volatile bool _stopping;

    /// <summary>Binds all channels and begins to listen.</summary>
    /// <param name="connection">Where.</param>
    /// <param name="received">Takes messages, on the sockets' thread: it must not wait.</param>
    /// <param name="failed">Told if the thread cannot go on.</param>
    /// <exception cref="NotebookException">An address cannot be had, or libzmq is not here.</exception>
    public JupyterSockets(ConnectionFile connection, Action<JupyterChannel, JupyterMessage> received, Action<Exception> failed)
    {
        _wire = new WireFormat(connection.Key);
        _received = received;
        _woken = new AnonymousPipeClientStream(PipeDirection.In, _wake.ClientSafePipeHandle);
        try
        {
            _context = LibZmq.NewContext();
        }
        catch (DllNotFoundException exception)
        {
            throw new NotebookException("The kernel needs libzmq, which is not here. Install Debian's package libzmq5 (./lab setup does).", exception);
        }

        try
        {
            // In the order of their numbers below: shell, control, stdin, heartbeat. A heartbeat is sent back as it came.
            int[] ports = [connection.ShellPort, connection.ControlPort, connection.StdinPort, connection.HeartbeatPort];
            foreach (int port in ports)
                _routers = [.. _routers, new ZmqSocket(_context, LibZmq.Router, Endpoint(port))];
            _ioPub = new ZmqSocket(_context, LibZmq.Pub, Endpoint(connection.IoPubPort));
        }
        catch
        {
            Close();
            throw;
        }

        _thread = new Thread(() => Listen(failed)) { IsBackground = true, Name = "Jupyter sockets" };
        _thread.Start();

        string Endpoint(int port) => connection.Address.AddressFamily == AddressFamily.InterNetworkV6 ? $"tcp://[{connection.Address}]:{port}" : $"tcp://{connection.Address}:{port}";
    }

    /// <summary>Sends a message of the kernel; from any thread, at once.</summary>
    /// <param name="channel">Where.</param>
    /// <param name="type">Its type.</param>
    /// <param name="parent">The request that it belongs to; the answer to it goes to where it came from.</param>
    /// <param name="content">What it says.</param>
    public void Send(JupyterChannel channel, string type, JupyterMessage? parent, System.Text.Json.Nodes.JsonObject content)
    {
        IReadOnlyList<byte[]> identities = channel == JupyterChannel.IoPub ? [System.Text.Encoding.UTF8.GetBytes(type)] : parent?.Identities ?? [];
        _outgoing.Enqueue((channel, _wire.Make(type, parent, content, identities)));
        Wake();
    }

    /// <summary>Sends what is still to be sent, and closes.</summary>
    public void Dispose()
    {
        _stopping = true;
        Wake();
        // Not from its own thread, which cannot wait for itself.
        if (Thread.CurrentThread != _thread)
            _thread.Join();
        _wake.Dispose();
        _woken.Dispose();
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref _wakePending, 1) == 0)
            _wake.WriteByte(1);
    }

    private void Listen(Action<Exception> failed)
    {
        try
        {
            while (true)
            {
                bool last = _stopping;
                SendAll();
                if (last)
                    return;
                Wait();
            }
        }
        catch (Exception exception)
        {
            failed(exception);
        }
        finally
        {
            Close();
        }
    }

    private void Wait()
    {
        LibZmq.PollItem* items = stackalloc LibZmq.PollItem[_routers.Length + 1];
        for (int i = 0; i < _routers.Length; i++)
            items[i] = new LibZmq.PollItem { Socket = _routers[i].Handle, Events = LibZmq.PollIn };
        items[_routers.Length] = new LibZmq.PollItem { Descriptor = (int)_woken.SafePipeHandle.DangerousGetHandle(), Events = LibZmq.PollIn };
        if (LibZmq.Poll(items, _routers.Length + 1, -1) < 0)
        {
            if (Marshal.GetLastPInvokeError() == LibZmq.Interrupted)
                return;
            throw LibZmq.Failure("wait for messages");
        }

        if (items[_routers.Length].Happened != 0)
        {
            // The byte goes first: a message queued after this line wakes anew, one before it is sent in the next round.
            _ = _woken.ReadByte();
            Volatile.Write(ref _wakePending, 0);
        }

        // Control before shell: an interrupt is of the cell before the next one.
        foreach (int i in (ReadOnlySpan<int>)[1, 0, 2, 3])
        {
            if (items[i].Happened == 0 || _routers[i].TryReceive() is not { } frames)
                continue;
            if (i == 3)
                _routers[i].Send(frames);
            else if (i < 2)
                Take(i == 0 ? JupyterChannel.Shell : JupyterChannel.Control, frames);
        }
    }

    private void Take(JupyterChannel channel, IReadOnlyList<byte[]> frames)
    {
        if (_wire.TryDecode(frames, out JupyterMessage message, out string fault))
            _received(channel, message);
        else
            Console.Error.WriteLine($"lab kernel: dropped a message: {fault}.");
    }

    private void SendAll()
    {
        while (_outgoing.TryDequeue(out (JupyterChannel Channel, JupyterMessage Message) next))
            (next.Channel == JupyterChannel.IoPub ? _ioPub! : _routers[(int)next.Channel]).Send(_wire.Encode(next.Message));
    }

    private void Close()
    {
        foreach (ZmqSocket socket in _routers)
            socket.Dispose();
        _ioPub?.Dispose();
        _ = LibZmq.EndContext(_context);
    }
}
