using System.Diagnostics;

namespace ZeroI2V.Lab.VideoData;

/// <summary>
/// The frames of a list's videos, decoded once: in memory as bytes where they fit, or in a file that processes share. Several
/// loaders can use them.
/// </summary>
public sealed class DecodedClips
{
    // Of a video that is decoded already: gives frames by number.
    private readonly Func<IReadOnlyList<int>, FrameStack>?[] _kept;
    private readonly int? _shortSide;

    private DecodedClips(ClipList list, Func<IReadOnlyList<int>, FrameStack>?[] kept, int? shortSide) => (List, _kept, _shortSide) = (list, kept, shortSide);

    /// <summary>The list.</summary>
    public ClipList List { get; }

    /// <summary>Whether every video is decoded already, so that a sample is a copy.</summary>
    public bool AllDecoded => Array.TrueForAll(_kept, frames => frames is not null);

    /// <summary>Decodes nothing in advance: frames are read from the files whenever they are asked for.</summary>
    /// <param name="list">The videos.</param>
    /// <param name="shortSide">Resizes all frames so that the short side has this many pixels; null leaves them.</param>
    public static DecodedClips OnDemand(ClipList list, int? shortSide = null)
    {
        ArgumentNullException.ThrowIfNull(list);
        return new DecodedClips(list, new Func<IReadOnlyList<int>, FrameStack>?[list.Clips.Count], shortSide);
    }

    /// <summary>Decodes the videos of a list, on all cores, until the memory allowed is full; the rest is read on demand.</summary>
    /// <param name="list">The videos.</param>
    /// <param name="shortSide">Resizes all frames so that the short side has this many pixels; null leaves them. Less memory, and
    /// the resize is done once.</param>
    /// <param name="memory">Most bytes kept.</param>
    /// <param name="progress">Told after each video, from any thread.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="VideoException">A video cannot be decoded, or is not what the list says: other number of frames, other
    /// hash. All videos with a fault are named, up to a few.</exception>
    public static DecodedClips Load(
        ClipList list,
        int? shortSide = null,
        long memory = 2L << 30,
        IProgress<DecodingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        DecodedClips clips = OnDemand(list, shortSide);
        long kept = 0;
        clips.Decode(
            () => Interlocked.Read(ref kept) < memory,
            (i, frames) =>
            {
                if (Interlocked.Add(ref kept, frames.Rgb.LongLength) <= memory)
                    clips._kept[i] = frames.Pick;
            },
            progress,
            cancellationToken);
        return clips;
    }

    /// <summary>
    /// As <see cref="Load"/>, but synthetic clips are decoded once for all processes and all times, into a file beside the videos
    /// (<c>decoded-SIDE-HASH.frames</c>; it can be deleted at any time). Videos of public data sets would take more room than disks
    /// have, and are decoded into memory.
    /// </summary>
    /// <param name="list">The videos.</param>
    /// <param name="shortSide">Resizes all frames so that the short side has this many pixels; null leaves them.</param>
    /// <param name="progress">Told after each video, from any thread; not told where the file is there already.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="VideoException">As of <see cref="Load"/>, where the file is to be made.</exception>
    public static DecodedClips Shared(ClipList list, int? shortSide = null, IProgress<DecodingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        DecodedClips clips = OnDemand(list, shortSide);
        if (!list.Synthetic || list.Clips.Any(clip => clip.Sha256.Length == 0))
            return Load(list, shortSide, progress: progress, cancellationToken: cancellationToken);
        try
        {
            DecodedFile file = DecodedFile.Ensure(
                list, shortSide, keep => clips.Decode(() => true, keep, progress, cancellationToken), () => Note("Another process decodes these clips; waiting for it."), cancellationToken);
            for (int i = 0; i < clips._kept.Length; i++)
            {
                int clip = i;
                clips._kept[i] = indices => file.Pick(clip, indices);
            }
            return clips;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Note($"Decoded clips cannot be kept in '{list.Root}': {fault.Message} They are decoded into memory, by this process alone; with room on the disk the next one keeps them.");
            return Load(list, shortSide, progress: progress, cancellationToken: cancellationToken);
        }

        void Note(string text) => progress?.Report(new DecodingProgress(0, list.Clips.Count, 0, TimeSpan.Zero) { Note = text });
    }

    /// <summary>Decodes every video on all cores, checks it against the list and hands it on, as long as there is room.</summary>
    private void Decode(Func<bool> hasRoom, Action<int, FrameStack> keep, IProgress<DecodingProgress>? progress, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        int done = 0;
        var faults = new SortedDictionary<int, VideoException>();
        Range[] groups = Groups();
        OwnThreads.ForEach(Environment.ProcessorCount, groups.Length, DecodeGroup, cancellationToken);
        if (faults.Count == 0)
            return;
        VideoException first = faults.Values.First();
        string others = faults.Count == 1
            ? ""
            : $" {faults.Count} of {List.Clips.Count} videos of '{List.Name}' have a fault; also {string.Join(", ", faults.Values.Skip(1).Take(5).Select(fault => fault.Path))}{(faults.Count > 6 ? " …" : "")}.";
        throw new VideoException(first.Path, first.Problem + others, first.Ffmpeg, first);

        void DecodeGroup(int group)
        {
            (int start, int length) = groups[group].GetOffsetAndLength(List.Clips.Count);
            bool room = hasRoom();
            FrameStack[]? together = room && length > 1
                ? VideoFile.TryDecodeTogether([.. Enumerable.Range(start, length).Select(i => List.FullPath(List.Clips[i]))])
                : null;
            for (int i = start; i < start + length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (room)
                    Keep(i, together?[i - start]);
                int count = Interlocked.Increment(ref done);
                double rate = count / Math.Max(clock.Elapsed.TotalSeconds, 1e-3);
                progress?.Report(new DecodingProgress(count, List.Clips.Count, rate, TimeSpan.FromSeconds((List.Clips.Count - count) / rate)));
            }
        }

        void Keep(int i, FrameStack? decoded)
        {
            try
            {
                keep(i, Checked(i, decoded ?? VideoFile.Decode(List.FullPath(List.Clips[i]))));
            }
            catch (VideoException fault)
            {
                lock (faults)
                    faults.Add(i, fault);
            }
        }
    }

    /// <summary>Some of the videos, such as a few-shot draw; frames in memory are shared.</summary>
    /// <param name="part">A list drawn from this one's.</param>
    /// <exception cref="ArgumentException">It names a video that this list lacks.</exception>
    public DecodedClips Subset(ClipList part)
    {
        ArgumentNullException.ThrowIfNull(part);
        var place = List.Clips.Select((clip, i) => (clip.Path, i)).ToDictionary(clip => clip.Path, clip => clip.i, StringComparer.Ordinal);
        return new DecodedClips(
            part,
            [.. part.Clips.Select(clip => place.TryGetValue(clip.Path, out int i)
                ? _kept[i]
                : throw new ArgumentException($"'{part.Name}' names '{clip.Path}', which '{List.Name}' lacks. Draw it from that list.", nameof(part)))],
            _shortSide);
    }

    /// <summary>Frames of a video by number, [F, H, W, 3].</summary>
    /// <exception cref="VideoException">The video cannot be decoded or is too short.</exception>
    public FrameStack Frames(int clip, IReadOnlyList<int> indices)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(clip);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(clip, _kept.Length);
        return _kept[clip]?.Invoke(indices) ?? Sized(VideoFile.Decode(List.FullPath(List.Clips[clip]), indices));
    }

    /// <summary>As <see cref="Frames(int, IReadOnlyList{int})"/>, where only a part is wanted: of videos in files no more is converted.</summary>
    /// <param name="clip">Number of the video.</param>
    /// <param name="indices">Frame numbers.</param>
    /// <param name="part">Told width and height of the frames, once: the part that is wanted.</param>
    /// <returns>At least that part.</returns>
    internal FrameRegion Frames(int clip, IReadOnlyList<int> indices, Func<int, int, CropBox> part)
    {
        if (_shortSide is null && _kept[clip] is null)
            return VideoFile.Decode(List.FullPath(List.Clips[clip]), indices, part);
        FrameStack frames = Frames(clip, indices);
        part(frames.Width, frames.Height);
        return FrameRegion.Whole(frames);
    }

    /// <summary>Neighbours in the list that are decoded in one run: short videos, for which starting ffmpeg is most of the work.</summary>
    private Range[] Groups()
    {
        const int mostClips = 16;
        const long mostBytes = 4 << 20;
        var groups = new List<Range>();
        int start = 0;
        long bytes = 0;
        for (int i = 0; i < List.Clips.Count; i++)
        {
            var file = new FileInfo(List.FullPath(List.Clips[i]));
            long length = file.Exists ? file.Length : 0;
            if (i > start && (i - start == mostClips || bytes + length > mostBytes))
            {
                groups.Add(start..i);
                (start, bytes) = (i, 0);
            }
            bytes += length;
        }
        if (start < List.Clips.Count)
            groups.Add(start..List.Clips.Count);
        return [.. groups];
    }

    private FrameStack Checked(int clip, FrameStack frames)
    {
        ClipRecord record = List.Clips[clip];
        string path = List.FullPath(record);
        if (frames.Count != record.Frames)
        {
            throw new VideoException(
                path, $"The list '{List.Name}' says {record.Frames} frames, decoding gives {frames.Count}. Make the list again.");
        }
        if (record.Sha256.Length > 0 && frames.Sha256() is var hash && hash != record.Sha256)
        {
            throw new VideoException(
                path, $"The list '{List.Name}' says SHA-256 {record.Sha256} of the frames, decoding gives {hash}. The file has changed: get or make it again.");
        }
        return Sized(frames);
    }

    private FrameStack Sized(FrameStack frames)
    {
        if (_shortSide is not { } side)
            return frames;
        (int width, int height) = BilinearResize.ShortSide(frames.Width, frames.Height, side);
        return BilinearResize.Resize(frames, width, height);
    }
}
