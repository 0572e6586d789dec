"""Clips a second of PyAV and OpenCV, for benchmarks/DataLoading.cs. Debian: python3-av python3-opencv.

Reads one JSON object a line: {"peer", "threads", "clips": [[path, [frame numbers]], ...], "short", "crop", "workers"}; answers the seconds that
all clips took, after every worker has done one. Each peer does it the way that is fast with it: a seek to the key frame before,
frames in between passed over unconverted, and in each of the worker processes one decoding thread, or as many as the peer starts
by itself ("threads").
"""
import json
import multiprocessing
import os
import sys
import time

import av
import cv2
import numpy

MEAN = numpy.array([122.769, 116.74, 104.04], dtype=numpy.float32)
STD = numpy.array([68.493, 66.63, 70.321], dtype=numpy.float32)


def finish(frames, crop):
    height, width = frames[0].shape[:2]
    top, left = (height - crop) // 2, (width - crop) // 2
    # Cropped and turned to [3, T, H, W] as bytes: four times less to move than as floats.
    clip = numpy.empty((3, len(frames), crop, crop), dtype=numpy.float32)
    for t, frame in enumerate(frames):
        clip[:, t] = frame[top:top + crop, left:left + crop].transpose(2, 0, 1)
    clip -= MEAN[:, None, None, None]
    clip /= STD[:, None, None, None]
    return clip


def sized(width, height, short):
    return int(width * short / min(width, height) + 0.5), int(height * short / min(width, height) + 0.5)


def pyav(path, numbers, short, crop, threads):
    wanted = set(numbers)
    taken = {}
    with av.open(path) as file:
        stream = file.streams.video[0]
        stream.thread_type = "AUTO" if threads else "NONE"
        if not threads:
            stream.codec_context.thread_count = 1
        step = 1 / (stream.average_rate * stream.time_base)
        file.seek(int(min(numbers) * step), stream=stream, backward=True)
        for frame in file.decode(stream):
            number = int(round(frame.pts / step))
            if number in wanted:
                width, height = sized(frame.width, frame.height, short)
                taken[number] = frame.reformat(width, height, "rgb24", interpolation="BILINEAR").to_ndarray()
            if number >= max(numbers):
                break
    return finish([taken[number] for number in numbers], crop)


def opencv(path, numbers, short, crop, threads):
    wanted = set(numbers)
    taken = {}
    # Read whenever a file is opened.
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "threads;0" if threads else "threads;1"
    file = cv2.VideoCapture(path, cv2.CAP_FFMPEG)
    number = min(numbers)
    if number > 0:
        file.set(cv2.CAP_PROP_POS_FRAMES, number)
    while number <= max(numbers):
        if number in wanted:
            frame = file.read()[1]
            frame = cv2.resize(frame, sized(frame.shape[1], frame.shape[0], short), interpolation=cv2.INTER_LINEAR)
            taken[number] = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
        else:
            file.grab()
        number += 1
    file.release()
    return finish([taken[number] for number in numbers], crop)


def run(job):
    peer, threads, path, numbers, short, crop = job
    cv2.setNumThreads(0)
    clip = (pyav if peer == "pyav" else opencv)(path, numbers, short, crop, threads)
    return float(clip[0, 0, 0, 0])


def main():
    for line in sys.stdin:
        asked = json.loads(line)
        jobs = [(asked["peer"], asked["threads"], path, numbers, asked["short"], asked["crop"]) for path, numbers in asked["clips"]]
        with multiprocessing.Pool(asked["workers"]) as pool:
            pool.map(run, jobs[:asked["workers"]], chunksize=1)
            start = time.perf_counter()
            pool.map(run, jobs, chunksize=1)
            print(json.dumps(time.perf_counter() - start), flush=True)


main()
