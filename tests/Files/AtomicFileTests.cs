using ZeroI2V.Lab.Files;

namespace ZeroI2V.Lab.Tests.Files;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Of_many_that_write_a_new_file_one_makes_it_each_time()
    {
        const int Writers = 8, Files = 200;
        var made = new int[Files];
        var by = new string[Files];
        using var together = new Barrier(Writers);
        Thread[] threads = [.. Enumerable.Range(0, Writers).Select(writer => new Thread(() =>
        {
            for (int file = 0; file < Files; file++)
            {
                together.SignalAndWait();
                if (AtomicFile.TryWriteNewText(_root[$"{file}.txt"], $"{writer}"))
                {
                    Interlocked.Increment(ref made[file]);
                    by[file] = $"{writer}";
                }
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.All(made, count => Assert.Equal(1, count));
        Assert.Equal(by, Enumerable.Range(0, Files).Select(file => File.ReadAllText(_root[$"{file}.txt"])));
        Assert.Equal(Files, Directory.GetFiles(_root.Path).Length);
    }

    [Fact]
    public void A_file_is_unchanged_and_alone_when_writing_fails()
    {
        string file = _root["a.txt"];
        AtomicFile.WriteText(file, "before");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(file, stream =>
        {
            stream.WriteByte(1);
            throw new InvalidOperationException();
        }));
        Assert.Equal("before", File.ReadAllText(file));
        Assert.Equal([file], Directory.GetFiles(_root.Path));
    }
}
