using Microsoft.DotNet.Interactive.Formatting;
using ZeroI2V.Lab.Notebooks;
using ZeroI2V.Lab.Tests.FFMpegCore;

namespace ZeroI2V.Lab.Tests.Notebooks;

[Collection(WorkingFolder.Name)]
public sealed class OutputTests
{
    [Fact]
    public void Long_printing_shows_its_beginning_a_note_and_its_end()
    {
        var shown = new List<CellOutput>();
        var limit = new OutputLimit(shown.Add);
        string line = new string('x', 99) + "\n";
        for (int i = 0; i < 20_000; i++)
            limit.Add(new StreamOutput("stdout", line));
        limit.Add(new StreamOutput("stdout", "the end\n"));
        limit.End();

        string text = string.Concat(shown.Cast<StreamOutput>().Select(output => output.Text));
        Assert.InRange(text.Length, OutputLimit.MaxPrinted, OutputLimit.MaxPrinted + 5_000);
        Assert.Single(shown, output => ((StreamOutput)output).Text.Contains("… cut", StringComparison.Ordinal));
        Assert.EndsWith("xxx\nthe end\n", text, StringComparison.Ordinal);
        // What is shown and what is said to be left out make the whole.
        string note = text[text.LastIndexOf('…')..text.LastIndexOf(" characters left out", StringComparison.Ordinal)];
        int leftOut = int.Parse(new string([.. note.Where(char.IsAsciiDigit)]), System.Globalization.CultureInfo.InvariantCulture);
        int tail = text.Length - text.IndexOf("the end:\n", StringComparison.Ordinal) - "the end:\n".Length;
        Assert.Equal(20_000 * line.Length + "the end\n".Length, OutputLimit.MaxPrinted + leftOut + tail);
    }

    [Fact]
    public void Too_many_values_are_cut_with_one_note_and_updates_still_come()
    {
        var shown = new List<CellOutput>();
        var limit = new OutputLimit(shown.Add);
        for (int i = 0; i < OutputLimit.MaxShown + 10; i++)
            limit.Add(new DisplayOutput([], $"d{i}"));
        limit.Add(new UpdateOutput([], "d0"));
        limit.End();
        Assert.Equal(OutputLimit.MaxShown, shown.OfType<DisplayOutput>().Count());
        Assert.Single(shown.OfType<StreamOutput>());
        Assert.IsType<UpdateOutput>(shown[^1]);
    }

    [Fact]
    public async Task A_progress_bar_is_one_output_that_ends_full()
    {
        using TemporaryNotebook notebook = new TemporaryNotebook()
            .Code($"#r \"{typeof(ProgressDisplay).Assembly.Location}\"\nusing ZeroI2V.Lab.Notebooks;\nLabFormatters.Register();\nvar bar = new ProgressDisplay(\"Decoding\", 40);\nfor (int i = 1; i <= 40; i++) bar.Report(i, $\"{{i}} clips\");")
            .Save();
        Assert.Null((await notebook.RunAsync()).Error);
        Assert.Equal(["display_data: Decoding [##############################] 100 % 40 of 40, 40 clips"], notebook.Outputs(1));
    }

    [Fact]
    public void A_clip_is_made_small_and_plays_inline()
    {
        using var videos = new SmallVideo();
        string path = videos.Make("large.mp4", "testsrc2=size=640x480:rate=25:duration=1");
        LabFormatters.Register();

        VideoClip clip = VideoClip.FromFile(path, "a test pattern");

        Assert.InRange(clip.Content.Length, 1_000, VideoClip.MaxBytes);
        Assert.Equal("ftyp"u8.ToArray(), clip.Content[4..8]);
        Assert.StartsWith("<video controls loop muted aria-label=\"a test pattern\"", clip.ToDisplayString("text/html"), StringComparison.Ordinal);
        Assert.Contains("There is no video", Assert.Throws<FileNotFoundException>(() => VideoClip.FromFile(path + "x", "x")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bar_shows_how_far_it_is()
    {
        var state = new ProgressState("a<b", 1, 4, "");
        Assert.Equal("a<b [########----------------------]  25 % 1 of 4", state.ToText());
        Assert.Contains("a&lt;b <progress max=\"1\" value=\"0.25\"", state.ToHtml(), StringComparison.Ordinal);
    }
}
