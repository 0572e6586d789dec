using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace ZeroI2V.Lab.Notebooks.Jupyter;

/// <summary>
/// Runs cells for a Jupyter client: takes requests from the sockets' thread, answers them one after the other, and lets
/// an interrupt or a shutdown overtake them. Cells are run by <see cref="NotebookKernel"/>, as everywhere.
/// </summary>
internal sealed class JupyterKernel : IDisposable
{
    private const int Loud = 1;

    private readonly NotebookKernel _cells = new();
    private readonly InputHistory _history = new();
    private readonly Channel<JupyterMessage> _requests = Channel.CreateUnbounded<JupyterMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly JupyterSockets _sockets;
    private readonly KernelReplies _replies;
    private readonly CrashNote _note;
    private CancellationTokenSource? _running;
    private int _received;
    private int _abortUpTo;
    private int _count;

    /// <summary>Begins to listen.</summary>
    /// <param name="connection">Where.</param>
    /// <param name="note">Takes what a kernel that comes after this one should know if this one ends in the middle of a cell.</param>
    /// <exception cref="NotebookException">It cannot.</exception>
    public JupyterKernel(ConnectionFile connection, CrashNote note)
    {
        _note = note;
        _sockets = new JupyterSockets(connection, Take, exception => _stopped.TrySetException(exception));
        _replies = new KernelReplies(_cells, _history, connection);
    }

    /// <summary>Answers requests until a client says that it is done or the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration stop = cancellationToken.Register(() => _stopped.TrySetResult());
        _sockets.Send(JupyterChannel.IoPub, "status", null, new JsonObject { ["execution_state"] = "starting" });
        Task answering = Task.Run(AnswerAsync, CancellationToken.None);
        // The compiler compiles itself at first use: done now, the first cell does not wait for it.
        Task warm = Task.Run(() => NotebookKernel.WarmUpAsync(), CancellationToken.None);
        _note.CaptureErrors();
        await (await Task.WhenAny(_stopped.Task, answering).ConfigureAwait(false)).ConfigureAwait(false);
        _requests.Writer.TryComplete();
        Interrupt();
        // A cell that does not stop ends with the process.
        await Task.WhenAny(Task.WhenAll(answering, warm), Task.Delay(TimeSpan.FromSeconds(Loud), CancellationToken.None)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sockets.Dispose();
        _cells.Dispose();
    }

    /// <summary>On the sockets' thread: requests wait for their turn, what overtakes them is done here.</summary>
    private void Take(JupyterChannel channel, JupyterMessage message)
    {
        if (channel == JupyterChannel.Shell && message.Type != "shutdown_request")
        {
            Interlocked.Increment(ref _received);
            _requests.Writer.TryWrite(message);
            return;
        }

        Busy(message);
        switch (message.Type)
        {
            case "interrupt_request":
                Interrupt();
                Reply(channel, message, KernelReplies.Ok());
                break;
            case "shutdown_request":
                JsonObject content = KernelReplies.Ok();
                content["restart"] = message.Flag("restart", ifAbsent: false);
                Reply(channel, message, content);
                _stopped.TrySetResult();
                break;
            case "kernel_info_request":
                Reply(channel, message, KernelReplies.KernelInfo());
                break;
            default:
                Unknown(message);
                break;
        }

        Idle(message);
    }

    private void Interrupt()
    {
        lock (_gate)
            _running?.Cancel();
    }

    private async Task AnswerAsync()
    {
        int number = 0;
        await foreach (JupyterMessage request in _requests.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            number++;
            Busy(request);
            try
            {
                if (request.Type == "execute_request")
                    await ExecuteAsync(request, aborted: number <= _abortUpTo).ConfigureAwait(false);
                else if (await _replies.ToAsync(request).ConfigureAwait(false) is { } content)
                    Reply(JupyterChannel.Shell, request, content);
                else
                    Unknown(request);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // A fault in one answer must not end a session with hours of work in it; it is told to the client and here.
                await Console.Error.WriteLineAsync($"lab kernel: {request.Type} failed: {exception}").ConfigureAwait(false);
                Reply(JupyterChannel.Shell, request, KernelReplies.Error(exception.GetType().Name, exception.Message, []));
            }

            Idle(request);
        }
    }

    private async Task ExecuteAsync(JupyterMessage request, bool aborted)
    {
        if (aborted)
        {
            // It was sent before the error of an earlier cell was known: it is not run on what that cell left undone.
            Reply(JupyterChannel.Shell, request, new JsonObject { ["status"] = "aborted", ["execution_count"] = _count });
            return;
        }

        if (request.Text("code") is not { } code)
        {
            Reply(JupyterChannel.Shell, request, KernelReplies.Error("ProtocolError", "execute_request: expected a string under \"code\".", []));
            return;
        }

        bool silent = request.Flag("silent", ifAbsent: false);
        bool kept = !silent && request.Flag("store_history", ifAbsent: true);
        if (kept)
            _count++;
        if (!silent)
            Show("execute_input", request, new JsonObject { ["code"] = code, ["execution_count"] = _count });
        if (!silent && _note.TakeEarlier() is { } ended)
            Show("stream", request, new JsonObject { ["name"] = "stderr", ["text"] = ended });

        string? result = null;
        CellError? error = null;
        using var interrupt = new CancellationTokenSource();
        lock (_gate)
            _running = interrupt;
        try
        {
            _note.Begin(_count);
            if (!string.IsNullOrWhiteSpace(code))
                error = await _cells.RunAsync(Math.Max(1, _count), code, null, silent ? _ => { } : Forward, interrupt.Token).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
                _running = null;
            _note.End();
        }

        if (kept)
            _history.Add(_count, code, result);
        if (error is null)
        {
            JsonObject ok = KernelReplies.Ok();
            ok["execution_count"] = _count;
            ok["payload"] = new JsonArray();
            ok["user_expressions"] = await _replies.ExpressionsAsync(request.Content["user_expressions"] as JsonObject).ConfigureAwait(false);
            Reply(JupyterChannel.Shell, request, ok);
            return;
        }

        JsonObject failed = KernelReplies.Error(error.Name, error.Message, error.Traceback);
        if (!silent)
        {
            var shown = (JsonObject)failed.DeepClone();
            shown.Remove("status");
            Show("error", request, shown);
        }

        failed["execution_count"] = _count;
        if (request.Flag("stop_on_error", ifAbsent: true))
            _abortUpTo = Volatile.Read(ref _received);
        Reply(JupyterChannel.Shell, request, failed);

        void Forward(CellOutput output)
        {
            if (output is ResultOutput value)
                result = value.Bundle["text/plain"]?.ToString();
            (string type, JsonObject content) = Message(output, _count);
            Show(type, request, content);
        }
    }

    private static (string Type, JsonObject Content) Message(CellOutput output, int count) => output switch
    {
        StreamOutput stream => ("stream", new JsonObject { ["name"] = stream.Name, ["text"] = stream.Text }),
        DisplayOutput display => ("display_data", Displayed(display.Bundle, display.DisplayId)),
        UpdateOutput update => ("update_display_data", Displayed(update.Bundle, update.DisplayId)),
        ResultOutput result => ("execute_result", new JsonObject { ["execution_count"] = count, ["data"] = result.Bundle.DeepClone(), ["metadata"] = new JsonObject() }),
        _ => throw new ArgumentException($"No message is known for {output.GetType().Name}.", nameof(output)),
    };

    private static JsonObject Displayed(JsonObject bundle, string? id) => new()
    {
        ["data"] = bundle.DeepClone(),
        ["metadata"] = new JsonObject(),
        ["transient"] = id is null ? [] : new JsonObject { ["display_id"] = id },
    };

    private void Unknown(JupyterMessage message)
    {
        // A front end may open a widget's channel: it is closed again, which says that nobody is there.
        if (message.Type == "comm_open" && message.Text("comm_id") is { } id)
            Show("comm_close", message, new JsonObject { ["comm_id"] = id, ["data"] = new JsonObject() });
        else if (message.Type is not ("comm_msg" or "comm_close" or "input_reply"))
            Console.Error.WriteLine($"lab kernel: ignored a message of type '{message.Type}'.");
    }

    private void Busy(JupyterMessage about) => Show("status", about, new JsonObject { ["execution_state"] = "busy" });

    private void Idle(JupyterMessage about) => Show("status", about, new JsonObject { ["execution_state"] = "idle" });

    private void Show(string type, JupyterMessage about, JsonObject content) => _sockets.Send(JupyterChannel.IoPub, type, Parent(about), content);

    private void Reply(JupyterChannel channel, JupyterMessage request, JsonObject content)
    {
        string type = request.Type.EndsWith("_request", StringComparison.Ordinal) ? request.Type[..^"_request".Length] + "_reply" : request.Type + "_reply";
        _sockets.Send(channel, type, Parent(request), content);
    }

    // A JSON object has one owner, and several answers carry the same header.
    private static JupyterMessage Parent(JupyterMessage request) => request with { Header = (JsonObject)request.Header.DeepClone() };
}
