using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.CSharp;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.DotNet.Interactive.Formatting;

namespace ZeroI2V.Lab.Tests.Interactive;

public sealed class CSharpKernelTests : IDisposable
{
    private readonly CSharpKernel _kernel = new CSharpKernel().UseKernelHelpers();

    public void Dispose() => _kernel.Dispose();

    [Fact]
    public async Task State_lasts_across_submissions_and_the_last_expression_is_returned()
    {
        await RunAsync("var list = new List<int> { 1, 2 };\nint Sum() => list.Sum();");
        Assert.Equal(3, (await RunAsync("Sum()")).OfType<ReturnValueProduced>().Single().Value);
        await RunAsync("list.Add(await Task.FromResult(4));");
        Assert.Equal(7, (await RunAsync("Sum()")).OfType<ReturnValueProduced>().Single().Value);
        Assert.True(_kernel.TryGetValue("list", out List<int> list));
        Assert.Equal([1, 2, 4], list);
        Assert.False(_kernel.TryGetValue("nothing", out int _));
    }

    [Fact]
    public async Task A_statement_returns_nothing_and_null_is_a_value()
    {
        Assert.Empty((await RunAsync("var x = 1;")).OfType<ReturnValueProduced>());
        Assert.Null((await RunAsync("(string)null")).OfType<ReturnValueProduced>().Single().Value);
    }

    [Fact]
    public async Task A_submission_that_fails_leaves_the_state_as_it_was()
    {
        await RunAsync("var x = 1;");
        CommandFailed compile = (await RunAsync("x = 2; y = 3;")).OfType<CommandFailed>().Single();
        Assert.IsType<CodeSubmissionCompilationErrorException>(compile.Exception);
        Assert.Contains("CS0103", compile.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync("x")).OfType<ReturnValueProduced>().Single().Value);

        CommandFailed thrown = (await RunAsync("x = 3; throw new InvalidOperationException(\"no\");")).OfType<CommandFailed>().Single();
        Assert.Equal("no", Assert.IsType<InvalidOperationException>(thrown.Exception).Message);
        Assert.Equal(3, (await RunAsync("x")).OfType<ReturnValueProduced>().Single().Value);
    }

    [Fact]
    public async Task The_compiler_tells_where_an_error_is()
    {
        IReadOnlyList<KernelEvent> events = await RunAsync("var ok = 1;\nvar bad = nowhere;");
        Diagnostic error = Assert.Single(events.OfType<DiagnosticsProduced>().Single().Diagnostics);
        Assert.Equal(("CS0103", 1, 10), (error.Code, error.LinePositionSpan.Start.Line, error.LinePositionSpan.Start.Character));
    }

    [Fact]
    public async Task Events_come_while_the_code_runs_and_the_last_one_says_how_it_went()
    {
        var seen = new List<string>();
        using IDisposable subscription = _kernel.KernelEvents.Subscribe(new Seen(seen));
        await RunAsync("Console.WriteLine(\"one\"); display(2); Console.Error.Write(\"three\");");
        Assert.Equal(
            [nameof(StandardOutputValueProduced), nameof(DisplayedValueProduced), nameof(StandardErrorValueProduced), nameof(CommandSucceeded)],
            seen.Where(name => name.EndsWith("ValueProduced", StringComparison.Ordinal) || name.StartsWith("Command", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_threads_of_a_submission_write_is_captured_and_nothing_else_is()
    {
        TextWriter before = Console.Out;
        IReadOnlyList<KernelEvent> events = await RunAsync("await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => Console.WriteLine($\"line {i}\"))));");
        string text = string.Concat(events.OfType<StandardOutputValueProduced>().SelectMany(e => e.FormattedValues).Select(f => f.Value));
        Assert.Equal(["line 0", "line 1", "line 2", "line 3"], text.Trim().ReplaceLineEndings("\n").Split('\n').Order());
        Assert.Same(before, Console.Out);
    }

    [Fact]
    public async Task A_cancelled_submission_fails_and_the_kernel_goes_on()
    {
        await RunAsync("var x = 5;");
        using var stop = new CancellationTokenSource();
        Task<KernelCommandResult> endless = _kernel.SendAsync(new SubmitCode("await Task.Delay(-1);"), stop.Token);
        await stop.CancelAsync();
        Assert.Single((await endless).Events.OfType<CommandFailed>());
        Assert.Equal(5, (await RunAsync("x")).OfType<ReturnValueProduced>().Single().Value);
    }

    [Fact]
    public async Task Code_sees_the_cancellation_of_its_own_submission()
    {
        using var stop = new CancellationTokenSource();
        Task<KernelCommandResult> running = _kernel.SendAsync(
            new SubmitCode("Microsoft.DotNet.Interactive.KernelInvocationContext.Current.CancellationToken.CanBeCanceled"),
            stop.Token);
        Assert.Equal(true, (await running).Events.OfType<ReturnValueProduced>().Single().Value);
    }

    [Fact]
    public async Task An_update_names_the_value_that_it_replaces()
    {
        IReadOnlyList<KernelEvent> events = await RunAsync("var d = display(\"a\");\nd.Update(\"b\");");
        DisplayedValueProduced shown = events.OfType<DisplayedValueProduced>().Single();
        DisplayedValueUpdated updated = events.OfType<DisplayedValueUpdated>().Single();
        Assert.Equal(shown.ValueId, updated.ValueId);
        Assert.Equal(("text/plain", "b"), (updated.FormattedValues.Single().MimeType, updated.FormattedValues.Single().Value));
    }

    [Fact]
    public async Task Html_is_shown_as_it_is()
    {
        ReturnValueProduced html = (await RunAsync("HTML(\"<b>x</b>\")")).OfType<ReturnValueProduced>().Single();
        Assert.Equal(("text/html", "<b>x</b>"), (html.FormattedValues.Single().MimeType, html.FormattedValues.Single().Value));
    }

    private async Task<IReadOnlyList<KernelEvent>> RunAsync(string code) =>
        (await _kernel.SendAsync(new SubmitCode(code), TestContext.Current.CancellationToken)).Events;

    private sealed class Seen(List<string> names) : IObserver<KernelEvent>
    {
        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        public void OnNext(KernelEvent value) => names.Add(value.GetType().Name);
    }
}

public sealed class FormatterTests
{
    [Fact]
    public void What_is_registered_for_a_base_holds_for_its_heirs_and_the_nearest_wins()
    {
        Formatter.Register<Animal>(_ => "animal", "text/x-test");
        Assert.Equal("animal", new Cat().ToDisplayString("text/x-test"));
        Formatter.Register<Cat>((_, writer) => writer.Write("cat"), "text/x-test");
        Assert.Equal("cat", new Cat().ToDisplayString("text/x-test"));
        Assert.Equal("animal", new Dog().ToDisplayString("text/x-test"));
    }

    [Fact]
    public void A_type_may_prefer_several_forms()
    {
        Formatter.SetPreferredMimeTypesFor(typeof(Dog), "text/html", "text/plain");
        Formatter.Register<Dog>(_ => "<i>dog</i>", "text/html");
        Formatter.Register<Dog>(_ => "dog");
        Assert.Equal(
            [("text/html", "<i>dog</i>"), ("text/plain", "dog")],
            FormattedValue.CreateManyFromObject(new Dog()).Select(f => (f.MimeType, f.Value)));
        Assert.Equal(["text/plain"], FormattedValue.CreateManyFromObject(new Dog(), "text/plain").Select(f => f.MimeType));
        Assert.Equal(["text/plain"], FormattedValue.CreateManyFromObject("text").Select(f => f.MimeType));
    }

    [Fact]
    public void Members_that_throw_or_return_themselves_do_no_harm()
    {
        Assert.Contains("cannot", new Odd().ToDisplayString(), StringComparison.Ordinal);
        Assert.Contains("cannot", new Odd().ToDisplayString("text/html"), StringComparison.Ordinal);
    }

    [Fact]
    public void Long_sequences_are_cut_with_a_count()
    {
        Assert.Contains("(80 more)", Enumerable.Range(0, 100).ToArray().ToDisplayString(), StringComparison.Ordinal);
        Assert.Equal("[ 1, 2, 3 ]", new[] { 1, 2, 3 }.ToDisplayString());
    }

    [Fact]
    public void Text_in_html_is_escaped() => Assert.Contains("&lt;b&gt;", new { A = "<b>" }.ToDisplayString("text/html"), StringComparison.Ordinal);

    private class Animal;

    private sealed class Cat : Animal;

    private sealed class Dog : Animal;

    private sealed class Odd
    {
        private readonly string _message = "cannot";

        public Odd Self => this;

        public int Value => throw new InvalidOperationException(_message);
    }
}
