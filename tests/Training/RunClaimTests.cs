using System.Diagnostics;
using System.Globalization;
using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.Tests.Training;

public sealed class RunClaimTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    private RunFolder Folder => new(_root["run"]);

    private string OwnerFile(int number) => Path.Combine(_root["run"], "owners", $"{number}.json");

    [Fact]
    public void Of_many_that_want_a_run_one_gets_it()
    {
        TakenByOneOfMany().Dispose();
        Assert.Single(Directory.GetFiles(Path.Combine(_root["run"], "owners")));
    }

    [Fact]
    public void Of_many_that_find_the_owner_gone_one_takes_its_place()
    {
        Folder.TryTake(new OwnerWatch())!.Dispose();
        using RunClaim won = TakenByOneOfMany();
        Assert.Equal(2, won.Parts);
    }

    [Fact]
    public void A_run_that_another_works_on_is_refused_by_name()
    {
        using RunClaim claim = Folder.Take(TestContext.Current.CancellationToken);
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => Folder.Take(TestContext.Current.CancellationToken));
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}"), e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_run_of_a_killed_process_is_taken_at_once()
    {
        using Process process = Process.Start("sleep", "60");
        string stat = File.ReadAllText($"/proc/{process.Id}/stat");
        RunOwner owner = RunOwner.ThisProcess() with
        {
            Process = process.Id,
            ProcessStarted = long.Parse(stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[19], CultureInfo.InvariantCulture),
            Seconds = 12,
        };
        Write(1, owner);
        Assert.Null(Folder.TryTake(new OwnerWatch()));

        process.Kill();
        process.WaitForExit();
        using RunClaim? claim = Folder.TryTake(new OwnerWatch());
        Assert.NotNull(claim);
        Assert.True(claim.Seconds >= 12);
    }

    [Fact]
    public void Another_process_with_the_number_of_a_dead_one_is_not_taken_for_it()
    {
        RunOwner self = RunOwner.ThisProcess();
        Write(1, self with { ProcessStarted = self.ProcessStarted - 1 });
        Folder.TryTake(new OwnerWatch())!.Dispose();
    }

    [Fact]
    public void An_owner_elsewhere_is_gone_when_it_is_silent_whatever_clocks_say()
    {
        var time = new JumpingTime();
        var watch = new OwnerWatch(TimeSpan.FromSeconds(60), time);
        RunOwner far = RunOwner.ThisProcess() with { Machine = "another boot", Host = "far", Since = DateTimeOffset.UnixEpoch };
        Write(1, far);
        Assert.Null(Folder.TryTake(watch));

        time.Clock += TimeSpan.FromDays(400);
        Assert.Null(Folder.TryTake(watch));
        time.Count += TimeSpan.FromSeconds(59);
        Write(1, far with { Beat = 1 });
        Assert.Null(Folder.TryTake(watch));
        time.Count += TimeSpan.FromSeconds(59);
        Assert.Null(Folder.TryTake(watch));
        time.Clock -= TimeSpan.FromDays(800);
        time.Count += TimeSpan.FromSeconds(1);
        using RunClaim? claim = Folder.TryTake(watch);
        Assert.Equal(2, claim?.Parts);
    }

    [Fact]
    public void A_damaged_owner_holds_the_run_until_it_has_been_silent()
    {
        var time = new JumpingTime();
        var watch = new OwnerWatch(TimeSpan.FromSeconds(60), time);
        Directory.CreateDirectory(Path.Combine(_root["run"], "owners"));
        File.WriteAllText(OwnerFile(1), "{ \"mach");
        Assert.Null(Folder.TryTake(watch));
        time.Count += TimeSpan.FromSeconds(61);
        Folder.TryTake(watch)!.Dispose();
    }

    [Fact]
    public void An_owner_that_slept_stops_when_its_run_was_taken_over()
    {
        RunFolder folder = Folder;
        using RunClaim? claim = RunClaim.TryTake(folder.Path, new OwnerWatch(), TimeSpan.FromMilliseconds(20));
        claim!.Verify();
        Write(2, RunOwner.ThisProcess() with { Machine = "another boot", Host = "far" });

        Assert.True(claim.Lost.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(claim.Verify);
        Assert.Contains("on far", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_written_into_a_run_that_was_taken_over()
    {
        RunFolder folder = Folder;
        using RunClaim? claim = folder.TryTake(new OwnerWatch());
        folder.WriteMetrics([]);
        Write(2, RunOwner.ThisProcess());
        Assert.Throws<InvalidOperationException>(() => folder.WriteMetrics([]));
        Assert.Throws<InvalidOperationException>(() => folder.WriteResult(1));
        Assert.False(folder.HasResult);
    }

    [Fact]
    public void An_owner_at_work_says_so_again_and_again()
    {
        using RunClaim? claim = RunClaim.TryTake(Folder.Path, new OwnerWatch(), TimeSpan.FromMilliseconds(20));
        Assert.True(SpinWait.SpinUntil(() => RunClaim.OwnerOf(Folder.Path).Owner?.Beat >= 2, TimeSpan.FromSeconds(30)));
        Assert.Equal((true, true), (RunClaim.OwnerOf(Folder.Path).IsAtWork, claim is not null));
    }

    private RunClaim TakenByOneOfMany()
    {
        var claims = new RunClaim?[16];
        using var start = new Barrier(claims.Length);
        Thread[] threads = [.. claims.Select((_, i) => new Thread(() =>
        {
            RunFolder folder = Folder;
            start.SignalAndWait();
            claims[i] = folder.TryTake(new OwnerWatch());
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        return Assert.Single(claims.OfType<RunClaim>());
    }

    private void Write(int number, RunOwner owner)
    {
        Directory.CreateDirectory(Path.Combine(_root["run"], "owners"));
        File.WriteAllText(OwnerFile(number), System.Text.Json.JsonSerializer.Serialize(owner, RunJson.Options));
    }
}
