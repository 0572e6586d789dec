using System.Reactive.Disposables;
using System.Text;

namespace Microsoft.DotNet.Interactive;

/// <summary>Sends what running cells write to the console to their own events, and everything else where it went before.</summary>
internal static class ConsoleCapture
{
    private static readonly Lock Gate = new();
    private static int _users;
    private static (TextWriter Out, TextWriter Error) _before;
    private static (TextWriter Out, TextWriter Error) _ours;

    /// <summary>Until disposed of, the console's writers are ours. Nested and parallel uses share them.</summary>
    public static IDisposable Begin()
    {
        lock (Gate)
        {
            if (_users++ == 0)
            {
                _before = (Console.Out, Console.Error);
                Console.SetOut(new Router(_before.Out, error: false));
                Console.SetError(new Router(_before.Error, error: true));
                _ours = (Console.Out, Console.Error);
            }
        }

        return Disposable.Create(End);
    }

    private static void End()
    {
        lock (Gate)
        {
            if (--_users > 0)
                return;
            // Somebody else may have redirected the console meanwhile: that stays.
            if (ReferenceEquals(Console.Out, _ours.Out))
                Console.SetOut(_before.Out);
            if (ReferenceEquals(Console.Error, _ours.Error))
                Console.SetError(_before.Error);
        }
    }

    private sealed class Router(TextWriter before, bool error) : TextWriter(before.FormatProvider)
    {
        public override Encoding Encoding => before.Encoding;

        public override void Write(char value) => Write([value]);

        public override void Write(string? value) => Write(value.AsSpan());

        public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

        public override void WriteLine(string? value) => Write($"{value}{NewLine}".AsSpan());

        public override void Write(ReadOnlySpan<char> buffer)
        {
            if (buffer.IsEmpty)
                return;
            if (KernelInvocationContext.Current is { } context)
                context.Print(error, buffer.ToString());
            else
                before.Write(buffer);
        }

        public override void Flush()
        {
            if (KernelInvocationContext.Current is null)
                before.Flush();
        }
    }
}
