// The flat C interface of liblabvideo.so: frames of a video by number, decoded in this process over libav.
// lib/VideoData/LibavDecoder.cs binds it.

#pragma once

#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

// What may be used up. A file that asks for more is refused.
typedef struct {
    int64_t most_bytes;        // of decoded frames
    int64_t most_packet_bytes; // of compressed data that is kept at a time
    int64_t most_packets;
    int64_t most_pixels;       // of one frame
    double most_seconds;       // from the first byte to the last
} lab_video_limits;

typedef struct {
    int32_t left, top, width, height;
} lab_video_box;

// Called once, when the size of the frames is known (turned as the file asks for). May make the box smaller, to the part that is
// wanted of every frame. Returns memory for that part of all wanted frames, 3 bytes a pixel; null to stop.
typedef uint8_t* (*lab_video_begin)(void* context, int32_t width, int32_t height, lab_video_box* box);

typedef struct {
    uint8_t* rgb;    // [count, height, width, 3]; the caller's own memory, or freed by lab_video_free
    int64_t count;
    int32_t width;   // of the part that is wanted
    int32_t height;
    int64_t decoded; // frames that the decoder gave: what the call cost
} lab_video_frames;

enum {
    LAB_VIDEO_OK = 0,
    LAB_VIDEO_UNSURE = 1,   // anything was complained about, or the file is of a kind that is left to the ffmpeg program
    LAB_VIDEO_TOO_LARGE = 2,
    LAB_VIDEO_TOO_LONG = 3, // took more seconds than allowed
    LAB_VIDEO_SHORT = 4,    // the video ends before a wanted frame; frames up to there are given
    LAB_VIDEO_REFUSED = 5,  // begin returned null, or a box outside the frame
};

// Decodes the frames with these numbers (rising, counted from 0 as shown); all frames where count is negative.
// filters: libavfilter's description of what happens to each wanted frame, ending in rgb24.
// begin: may be null; then whole frames are given in memory that lab_video_free frees. Where it is given, frames have to be named,
// and the filters must not change the size.
// message: what was complained about.
__attribute__((visibility("default"))) int lab_video_decode(
    const char* path, const int64_t* wanted, int64_t count, const char* filters, const lab_video_limits* limits,
    lab_video_begin begin, void* context, lab_video_frames* out, char* message, int64_t message_length);

__attribute__((visibility("default"))) void lab_video_free(uint8_t* rgb);

// Version of this interface.
__attribute__((visibility("default"))) int lab_video_version(void);

#if defined(__cplusplus)
}
#endif
