using System.Net;
using Microsoft.DotNet.Interactive.Formatting;
using TorchSharp;

namespace ZeroI2V.Lab.Notebooks;

/// <summary>How notebooks show the lab's values. The first cell of every notebook calls <see cref="Register"/>.</summary>
public static class LabFormatters
{
    private const string Html = "text/html";
    private const string PlainText = "text/plain";

    /// <summary>Registers all of them; calling it again does no harm.</summary>
    public static void Register()
    {
        Formatter.Register<torch.Tensor>(tensor => TensorSummary.Of(tensor), PlainText);
        Formatter.Register<torch.Tensor>(tensor => $"<code>{WebUtility.HtmlEncode(TensorSummary.Of(tensor))}</code>", Html);
        // Both at once: by the time that somebody asks for the other form, a tensor may have been disposed of.
        Formatter.SetPreferredMimeTypesFor(typeof(torch.Tensor), Html, PlainText);

        Formatter.Register<Picture>(picture => picture.Description, PlainText);
        // A browser that shows HTML shows this; the alternative text is in it.
        Formatter.Register<Picture>(
            picture => $"<img alt=\"{WebUtility.HtmlEncode(picture.Description)}\" style=\"max-width:100%\" src=\"data:{picture.MimeType};base64,{Convert.ToBase64String(picture.Content)}\">",
            Html);
        Formatter.SetPreferredMimeTypesFor(typeof(Picture), Html, PlainText);

        Formatter.Register<VideoClip>(clip => clip.Description, PlainText);
        Formatter.Register<VideoClip>(
            clip => $"<video controls loop muted aria-label=\"{WebUtility.HtmlEncode(clip.Description)}\" title=\"{WebUtility.HtmlEncode(clip.Description)}\" src=\"data:video/mp4;base64,{Convert.ToBase64String(clip.Content)}\"></video>",
            Html);
        Formatter.SetPreferredMimeTypesFor(typeof(VideoClip), Html, PlainText);

        Formatter.Register<ProgressState>(state => state.ToText(), PlainText);
        Formatter.Register<ProgressState>(state => state.ToHtml(), Html);
        Formatter.SetPreferredMimeTypesFor(typeof(ProgressState), Html, PlainText);

        ReportFormatters.Register();
    }
}
