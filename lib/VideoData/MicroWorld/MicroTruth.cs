using System.Buffers.Binary;
using System.Text;
using ZeroI2V.Lab.Files;

namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>Where an object really is in each frame of a clip.</summary>
/// <param name="What">What it is.</param>
/// <param name="X">Centre in pixels from the left, a number a frame.</param>
/// <param name="Y">Centre in pixels from the top, a number a frame.</param>
/// <param name="Radius">Radius in pixels of the circle around it, a number a frame; 0 where it cannot be seen.</param>
public sealed record ObjectTrack(
    MicroObject What, IReadOnlyList<float> X, IReadOnlyList<float> Y, IReadOnlyList<float> Radius);

/// <summary>Ground truth of one clip.</summary>
/// <param name="Path">The clip's path below the data set's folder.</param>
/// <param name="Objects">Its objects, those at the back first.</param>
public sealed record ClipTruth(string Path, IReadOnlyList<ObjectTrack> Objects);

/// <summary>
/// The sidecar of a split: for every clip and frame, where the objects are. Numbers are kept as sixteenths of a pixel.
/// </summary>
public static class MicroTruth
{
    private const uint Magic = 0x3154554D; // "MUT1"
    private const float Steps = 16;

    /// <summary>Reads a sidecar.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static IReadOnlyList<ClipTruth> Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        using var reader = new BinaryReader(stream, Encoding.UTF8);
        try
        {
            if (reader.ReadUInt32() != Magic)
                throw Damaged(path, "it does not start like one");
            int clips = Bounded(reader.ReadInt32(), 1_000_000, path), frames = Bounded(reader.ReadInt32(), 10_000, path);
            var truth = new List<ClipTruth>();
            for (int i = 0; i < clips; i++)
            {
                string clip = reader.ReadString();
                int objects = Bounded(reader.ReadByte(), 16, path);
                var tracks = new ObjectTrack[objects];
                for (int k = 0; k < objects; k++)
                {
                    var what = new MicroObject(
                        (MicroShape)reader.ReadByte(), (MicroTexture)reader.ReadByte(), (MicroHue)reader.ReadInt16());
                    tracks[k] = new ObjectTrack(what, Numbers(reader, frames), Numbers(reader, frames), Numbers(reader, frames));
                }
                truth.Add(new ClipTruth(clip, tracks));
            }
            return stream.Position == stream.Length ? truth : throw Damaged(path, "it goes on past its end");
        }
        catch (EndOfStreamException)
        {
            throw Damaged(path, "it ends too early");
        }
    }

    internal static void Write(string path, IReadOnlyList<ClipTruth> clips, int frames)
    {
        AtomicFile.Write(path, stream =>
        {
            using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
            writer.Write(Magic);
            writer.Write(clips.Count);
            writer.Write(frames);
            foreach (ClipTruth clip in clips)
            {
                writer.Write(clip.Path);
                writer.Write((byte)clip.Objects.Count);
                foreach (ObjectTrack track in clip.Objects)
                {
                    writer.Write((byte)track.What.Shape);
                    writer.Write((byte)track.What.Texture);
                    writer.Write((short)track.What.Hue);
                    foreach (IReadOnlyList<float> numbers in (IReadOnlyList<float>[])[track.X, track.Y, track.Radius])
                    {
                        foreach (float number in numbers)
                            writer.Write((short)MathF.Round(number * Steps));
                    }
                }
            }
        });
    }

    /// <summary>The ground truth of a scene, frames in order or reversed.</summary>
    internal static ClipTruth Of(ScenePlan plan, string path, int size, bool reversed)
    {
        int frames = plan.Poses.Count;
        var tracks = new ObjectTrack[plan.Objects.Count];
        for (int k = 0; k < tracks.Length; k++)
        {
            var x = new float[frames];
            var y = new float[frames];
            var radius = new float[frames];
            for (int frame = 0; frame < frames; frame++)
            {
                int at = reversed ? frames - 1 - frame : frame;
                ObjectPose pose = plan.Poses[frame][k];
                (double px, double py) = SceneRenderer.InFrame(plan, frame, pose.X, pose.Y, size);
                x[at] = (float)px;
                y[at] = (float)py;
                radius[at] = pose.Opacity > 0.1 ? (float)(pose.Radius * size) : 0;
            }
            tracks[k] = new ObjectTrack(plan.Objects[k].Object, x, y, radius);
        }
        return new ClipTruth(path, tracks);
    }

    private static float[] Numbers(BinaryReader reader, int count)
    {
        byte[] bytes = reader.ReadBytes(count * 2);
        if (bytes.Length < count * 2)
            throw new EndOfStreamException();
        var numbers = new float[count];
        for (int i = 0; i < count; i++)
            numbers[i] = BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(i * 2)) / Steps;
        return numbers;
    }

    private static int Bounded(int count, int most, string path) =>
        count >= 0 && count <= most ? count : throw Damaged(path, $"it announces {count} items where {most} are the most");

    private static InvalidDataException Damaged(string path, string why) =>
        new($"'{path}' is no ground-truth file of the synthetic data: {why}. Delete its folder; it is made again.");
}
