// Frames of a video by number, in this process.
//
// The frames are those of the ffmpeg program, byte for byte: the same demuxers, decoders and filters, the same
// numbering. What is faster is that no program is started, and that frames which nobody asked for are not decoded where
// that changes nothing: groups of pictures without a wanted frame are skipped, and within a group the frames that no
// other frame refers to (most B frames). Frames are then told by their time stamps; where those are missing or doubtful,
// everything is decoded and counted. Whatever looks odd is LAB_VIDEO_UNSURE: the caller asks the program, whose word counts.

#include "video.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <vector>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
}

namespace {

// Containers of real video files. Others (playlists, picture sequences, scripts) are left to the program.
const char* const kContainers =
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,asf,flv,ogg,h264,hevc,ivf,dv,nut";

thread_local std::string* complaints = nullptr;

void on_log(void* context, int level, const char* format, va_list arguments) {
    if (level > AV_LOG_ERROR) return;
    if (complaints == nullptr) {
        av_log_default_callback(context, level, format, arguments);
        return;
    }
    if (complaints->size() > 2000) return;
    char line[512];
    int prefix = 1;
    av_log_format_line(context, level, format, arguments, line, sizeof line, &prefix);
    complaints->append(line);
}

struct Failure {
    int code;
    std::string what;
};

[[noreturn]] void fail(int code, const std::string& what) { throw Failure{code, what}; }

[[noreturn]] void unsure(const std::string& what, int error = 0) {
    char text[128] = "";
    if (error != 0) av_strerror(error, text, sizeof text);
    fail(LAB_VIDEO_UNSURE, error == 0 ? what : what + ": " + text);
}

struct Packets {
    std::vector<AVPacket*> all;
    ~Packets() {
        for (AVPacket*& packet : all) av_packet_free(&packet);
    }
};

class Reader {
public:
    Reader(const char* path, const lab_video_limits& limits, const char* filters, lab_video_begin begin, void* context)
        : limits_(limits), filters_(filters), begin_(begin), context_(context), start_(Clock::now()) {
        open(path);
    }

    ~Reader() {
        av_frame_free(&frame_);
        av_frame_free(&shown_);
        avfilter_graph_free(&graph_);
        avcodec_free_context(&codec_);
        avformat_close_input(&file_);
        if (begin_ == nullptr) std::free(rgb_);
    }

    void run(const int64_t* wanted, int64_t count) {
        wanted_.assign(wanted, wanted + std::max<int64_t>(count, 0));
        everything_ = count < 0;
        Packets packets;
        if (!everything_ && read_all(packets) && by_time(packets.all)) return;
        if (packets.all.empty()) {
            // Nothing was kept: either all frames are wanted, or there is too much to keep.
            rewind_if_read();
            decode_stream(nullptr);
        } else {
            decode_stream(&packets.all);
        }
    }

    void give(lab_video_frames* out) {
        out->rgb = rgb_;
        out->count = count_;
        out->width = box_.width;
        out->height = box_.height;
        out->decoded = decoded_;
        rgb_ = nullptr;
    }

    bool complete() const { return everything_ ? count_ > 0 : count_ == static_cast<int64_t>(wanted_.size()); }

private:
    using Clock = std::chrono::steady_clock;

    static int interrupted(void* self) { return static_cast<Reader*>(self)->late() ? 1 : 0; }

    bool late() const { return std::chrono::duration<double>(Clock::now() - start_).count() > limits_.most_seconds; }

    void in_time() const {
        if (late()) fail(LAB_VIDEO_TOO_LONG, "decoding took too long");
    }

    void check(int error, const char* what) const {
        if (error >= 0) return;
        in_time();
        unsure(what, error);
    }

    void open(const char* path) {
        file_ = avformat_alloc_context();
        if (file_ == nullptr) fail(LAB_VIDEO_TOO_LARGE, "no memory");
        file_->interrupt_callback = {interrupted, this};
        file_->format_whitelist = av_strdup(kContainers);
        file_->protocol_whitelist = av_strdup("file");
        file_->max_probe_packets = 2500;
        // A path is never an option or a protocol: "file:" makes that so.
        check(avformat_open_input(&file_, (std::string("file:") + path).c_str(), nullptr, nullptr), "opening");
        if (file_->nb_streams > 64) unsure("too many streams");
        check(avformat_find_stream_info(file_, nullptr), "reading the streams");
        for (unsigned i = 0; i < file_->nb_streams; i++) {
            AVStream* stream = file_->streams[i];
            bool picture = (stream->disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS)) != 0;
            if (stream_ == nullptr && stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && !picture) {
                stream_ = stream;
            } else {
                stream->discard = AVDISCARD_ALL;
            }
        }
        if (stream_ == nullptr) unsure("no video stream");
        AVCodecParameters* parameters = stream_->codecpar;
        const AVCodec* codec = avcodec_find_decoder(parameters->codec_id);
        if (codec == nullptr) unsure("no decoder");
        codec_ = avcodec_alloc_context3(codec);
        if (codec_ == nullptr) fail(LAB_VIDEO_TOO_LARGE, "no memory");
        check(avcodec_parameters_to_context(codec_, parameters), "codec parameters");
        codec_->pkt_timebase = stream_->time_base;
        codec_->thread_count = 1;
        codec_->max_pixels = limits_.most_pixels;
        check(avcodec_open2(codec_, codec, nullptr), "opening the decoder");
        frame_ = av_frame_alloc();
        shown_ = av_frame_alloc();
        if (frame_ == nullptr || shown_ == nullptr) fail(LAB_VIDEO_TOO_LARGE, "no memory");
    }

    // Reads every packet of the stream; false, with nothing kept, where there are too many.
    bool read_all(Packets& packets) {
        read_ = true;
        int64_t bytes = 0;
        for (;;) {
            AVPacket* packet = av_packet_alloc();
            if (packet == nullptr) fail(LAB_VIDEO_TOO_LARGE, "no memory");
            int error = av_read_frame(file_, packet);
            if (error < 0) {
                av_packet_free(&packet);
                if (error != AVERROR_EOF) check(error, "reading");
                // The container's own end-of-file mark may hide a fault of the file below.
                if (file_->pb != nullptr && file_->pb->error < 0) check(file_->pb->error, "reading");
                return true;
            }
            in_time();
            if (packet->stream_index != stream_->index) {
                av_packet_free(&packet);
                continue;
            }
            packets.all.push_back(packet);
            bytes += packet->size;
            if (bytes > limits_.most_packet_bytes || static_cast<int64_t>(packets.all.size()) > limits_.most_packets) {
                for (AVPacket*& kept : packets.all) av_packet_free(&kept);
                packets.all.clear();
                return false;
            }
        }
    }

    // After too many packets: from the start once more, packet by packet.
    void rewind_if_read() {
        if (!read_) return;
        check(av_seek_frame(file_, stream_->index, INT64_MIN, AVSEEK_FLAG_BACKWARD), "going back to the start");
    }

    // Formats and containers in which each packet is one shown frame.
    bool one_packet_one_frame() const {
        switch (codec_->codec_id) {
        case AV_CODEC_ID_H264:
        case AV_CODEC_ID_HEVC:
        case AV_CODEC_ID_VP9:
        case AV_CODEC_ID_AV1: {
            const char* name = file_->iformat->name;
            return std::strstr(name, "mov") != nullptr || std::strstr(name, "matroska") != nullptr;
        }
        default: {
            const AVCodecDescriptor* descriptor = avcodec_descriptor_get(codec_->codec_id);
            return descriptor != nullptr && (descriptor->props & AV_CODEC_PROP_INTRA_ONLY) != 0;
        }
        }
    }

    // Frames told by their time stamps, decoding as little as will do. False where the file does not allow it, or where
    // a frame does not come: nothing is lost, everything is then decoded.
    bool by_time(const std::vector<AVPacket*>& packets) {
        if (packets.empty() || !one_packet_one_frame()) return false;
        size_t n = packets.size();
        std::vector<int64_t> times(n);
        for (size_t i = 0; i < n; i++) {
            times[i] = packets[i]->pts;
            if (times[i] == AV_NOPTS_VALUE || (packets[i]->flags & (AV_PKT_FLAG_DISCARD | AV_PKT_FLAG_CORRUPT)) != 0) return false;
        }
        if ((packets[0]->flags & AV_PKT_FLAG_KEY) == 0) return false;
        std::vector<int64_t> shown(times);
        std::sort(shown.begin(), shown.end());
        if (std::adjacent_find(shown.begin(), shown.end()) != shown.end() || shown[0] != times[0]) return false;
        if (wanted_.back() >= static_cast<int64_t>(n)) return false;
        std::vector<int64_t> wanted_times;
        for (int64_t number : wanted_) wanted_times.push_back(shown[static_cast<size_t>(number)]);
        auto is_wanted = [&](int64_t time) { return std::binary_search(wanted_times.begin(), wanted_times.end(), time); };

        // Groups of pictures that stand by themselves: from a key frame, shown first of its group and after all before it.
        std::vector<size_t> starts{0};
        int64_t latest = times[0];
        std::vector<int64_t> earliest_from(n);
        for (size_t i = n; i-- > 0;) earliest_from[i] = i + 1 < n ? std::min(times[i], earliest_from[i + 1]) : times[i];
        for (size_t i = 1; i < n; i++) {
            if ((packets[i]->flags & AV_PKT_FLAG_KEY) != 0 && times[i] > latest && earliest_from[i] == times[i] && stands_alone(packets[i])) starts.push_back(i);
            latest = std::max(latest, times[i]);
        }
        starts.push_back(n);

        size_t next = 0;
        for (size_t group = 0; group + 1 < starts.size() && next < wanted_times.size(); group++) {
            size_t first = starts[group], end = starts[group + 1];
            size_t last = end;
            for (size_t i = end; i-- > first;) {
                if (is_wanted(times[i])) {
                    last = i;
                    break;
                }
            }
            if (last == end) continue;
            avcodec_flush_buffers(codec_);
            for (size_t i = first; i <= last; i++) {
                // Frames that no other refers to are passed over by the decoder itself.
                codec_->skip_frame = is_wanted(times[i]) ? AVDISCARD_DEFAULT : AVDISCARD_NONREF;
                if (!send(packets[i]) || !receive_by_time(wanted_times, next)) return start_over();
            }
            codec_->skip_frame = AVDISCARD_DEFAULT;
            if (!send(nullptr) || !receive_by_time(wanted_times, next)) return start_over();
            // Every wanted frame of this group has come, or one is missing.
            size_t due = next;
            while (due < wanted_times.size() && (end == n || wanted_times[due] < times[end])) due++;
            if (due != next) return start_over();
        }
        return next == wanted_times.size() || start_over();
    }

    // Whether decoding can begin here without what came before.
    bool stands_alone(const AVPacket* packet) const {
        if (codec_->codec_id != AV_CODEC_ID_H264) return true;
        // An H.264 key frame may be a mere point of recovery; only an IDR picture (NAL unit 5) begins afresh.
        const uint8_t* data = packet->data;
        int size = packet->size;
        bool lengths = codec_->extradata_size > 0 && codec_->extradata[0] == 1;
        int length_size = lengths && codec_->extradata_size > 4 ? (codec_->extradata[4] & 3) + 1 : 0;
        if (length_size == 0) return false;
        for (int at = 0; at + length_size < size;) {
            int64_t length = 0;
            for (int i = 0; i < length_size; i++) length = length << 8 | data[at + i];
            at += length_size;
            if ((data[at] & 31) == 5) return true;
            if (length <= 0 || length > size - at) return false;
            at += static_cast<int>(length);
        }
        return false;
    }

    bool start_over() {
        avcodec_flush_buffers(codec_);
        codec_->skip_frame = AVDISCARD_DEFAULT;
        count_ = 0;
        return false;
    }

    bool send(const AVPacket* packet) {
        in_time();
        return avcodec_send_packet(codec_, packet) >= 0;
    }

    bool receive_by_time(const std::vector<int64_t>& wanted_times, size_t& next) {
        for (;;) {
            int error = avcodec_receive_frame(codec_, frame_);
            if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return true;
            if (error < 0) return false;
            decoded_++;
            int64_t time = frame_->pts != AV_NOPTS_VALUE ? frame_->pts : frame_->best_effort_timestamp;
            if (next < wanted_times.size() && time == wanted_times[next]) {
                keep();
                next++;
            } else if (next < wanted_times.size() && time > wanted_times[next]) {
                return false;
            }
            av_frame_unref(frame_);
        }
    }

    // Decodes from the start and counts, until the last wanted frame.
    void decode_stream(const std::vector<AVPacket*>* packets) {
        int64_t number = 0;
        size_t next = 0;
        AVPacket* read = nullptr;
        if (packets == nullptr && (read = av_packet_alloc()) == nullptr) fail(LAB_VIDEO_TOO_LARGE, "no memory");
        struct Free {
            AVPacket*& packet;
            ~Free() { av_packet_free(&packet); }
        } free_read{read};
        for (size_t i = 0;; i++) {
            in_time();
            const AVPacket* packet = nullptr;
            if (packets != nullptr) {
                packet = i < packets->size() ? (*packets)[i] : nullptr;
            } else {
                int error = av_read_frame(file_, read);
                if (error < 0 && error != AVERROR_EOF) check(error, "reading");
                if (error >= 0 && read->stream_index != stream_->index) {
                    av_packet_unref(read);
                    continue;
                }
                packet = error < 0 ? nullptr : read;
            }
            bool end = packet == nullptr;
            int sent = avcodec_send_packet(codec_, packet);
            if (read != nullptr) av_packet_unref(read);
            if (sent < 0 && !(end && sent == AVERROR_EOF)) check(sent, "decoding");
            for (;;) {
                int error = avcodec_receive_frame(codec_, frame_);
                if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) break;
                check(error, "decoding");
                decoded_++;
                if (everything_ || (next < wanted_.size() && wanted_[next] == number)) {
                    keep();
                    next++;
                }
                number++;
                av_frame_unref(frame_);
                if (!everything_ && next == wanted_.size()) return;
            }
            if (end) return;
        }
    }

    // Puts the decoder's frame through the filters and appends the part that is wanted.
    void keep() {
        if (graph_ == nullptr) make_graph();
        if (frame_->width != in_width_ || frame_->height != in_height_ || frame_->format != in_format_) unsure("frames change their form");
        check(av_buffersrc_add_frame_flags(source_, frame_, AV_BUFFERSRC_FLAG_KEEP_REF), "filtering");
        check(av_buffersink_get_frame(sink_, shown_), "filtering");
        if (width_ == 0) {
            width_ = shown_->width;
            height_ = shown_->height;
            if (box_.width == 0) box_ = {0, 0, width_, height_};
            if (box_.left + box_.width > width_ || box_.top + box_.height > height_) unsure("frames of another size than expected");
        } else if (shown_->width != width_ || shown_->height != height_) {
            unsure("frames differ in size");
        }
        int64_t bytes = int64_t{3} * box_.width * box_.height;
        if (bytes <= 0 || (count_ + 1) * bytes > limits_.most_bytes) fail(LAB_VIDEO_TOO_LARGE, "the frames take too much memory");
        if (begin_ == nullptr && (count_ + 1) * bytes > room_) grow(bytes);
        uint8_t* target = rgb_ + count_ * bytes;
        for (int y = 0; y < box_.height; y++, target += int64_t{3} * box_.width) {
            auto row = [&](int plane, int size) { return shown_->data[plane] + int64_t{shown_->linesize[plane]} * (box_.top + y) + int64_t{size} * box_.left; };
            if (shown_->format == AV_PIX_FMT_GBRP) {
                interleave(row(2, 1), row(0, 1), row(1, 1), target, box_.width);
            } else {
                std::memcpy(target, row(0, 3), static_cast<size_t>(3) * box_.width);
            }
        }
        count_++;
        av_frame_unref(shown_);
    }

    void grow(int64_t bytes) {
        int64_t room = everything_ ? std::max((count_ + 1) * bytes, std::min(limits_.most_bytes, 2 * room_)) : static_cast<int64_t>(wanted_.size()) * bytes;
        room = std::min(std::max(room, (count_ + 1) * bytes), limits_.most_bytes);
        uint8_t* larger = static_cast<uint8_t*>(std::realloc(rgb_, static_cast<size_t>(room)));
        if (larger == nullptr) fail(LAB_VIDEO_TOO_LARGE, "no memory");
        rgb_ = larger;
        room_ = room;
    }

    // Asks the caller which part of the frames it wants, and where to put it. Returns the filter that lets no more than that
    // part and a margin through, for the conversion reads neighbours.
    std::string ask(bool turned) {
        if (begin_ == nullptr) return "";
        if (rgb_ == nullptr) {
            lab_video_box box{0, 0, turned ? in_height_ : in_width_, turned ? in_width_ : in_height_};
            const int width = box.width, height = box.height;
            rgb_ = begin_(context_, width, height, &box);
            if (rgb_ == nullptr) fail(LAB_VIDEO_REFUSED, "refused by the caller");
            if (box.left < 0 || box.top < 0 || box.width <= 0 || box.height <= 0 || box.left > width - box.width || box.top > height - box.height)
                fail(LAB_VIDEO_REFUSED, "a part outside the frame");
            box_ = box;
        }
        // With an odd side the conversion has no two-to-one steps, and what a pixel becomes depends on where it lies.
        const AVPixFmtDescriptor* form = av_pix_fmt_desc_get(in_format_);
        if (!stackable() || form->log2_chroma_w > 1 || form->log2_chroma_h > 1 || !turn().empty() || in_width_ % 2 != 0 || in_height_ % 2 != 0) return "";
        const int margin = 8, align = 32;
        int left = std::max(0, (box_.left - margin) / align * align), top = std::max(0, (box_.top - margin) / 2 * 2);
        int right = std::min(in_width_, (box_.left + box_.width + margin + 1) / 2 * 2), bottom = std::min(in_height_, (box_.top + box_.height + margin + 1) / 2 * 2);
        // Of very few pixels the conversion makes shorter filters.
        const int least = 32;
        if (right - left < least) left = 0, right = in_width_;
        if (bottom - top < least) top = 0, bottom = in_height_;
        box_.left -= left;
        box_.top -= top;
        char text[96];
        std::snprintf(text, sizeof text, "crop=%d:%d:%d:%d,", right - left, bottom - top, left, top);
        return text;
    }

#if defined(__x86_64__)
    __attribute__((target_clones("avx2", "default")))
#endif
    static void interleave(const uint8_t* __restrict__ r, const uint8_t* __restrict__ g, const uint8_t* __restrict__ b, uint8_t* __restrict__ rgb, int width) {
        for (int x = 0; x < width; x++) {
            rgb[3 * x] = r[x];
            rgb[3 * x + 1] = g[x];
            rgb[3 * x + 2] = b[x];
        }
    }

    // From planes of 8 bits, swscale computes planar RGB with vector instructions and packed RGB without: the same
    // numbers, four times as fast.
    bool stackable() const {
        const AVPixFmtDescriptor* form = av_pix_fmt_desc_get(in_format_);
        return form != nullptr && form->nb_components == 3 && form->comp[0].depth == 8 && (form->flags & AV_PIX_FMT_FLAG_PLANAR) != 0 &&
               (form->flags & AV_PIX_FMT_FLAG_RGB) == 0;
    }

    std::string to_rgb() const {
        const std::string packed = "format=rgb24";
        if (!stackable() || filters_.size() < packed.size() || filters_.compare(filters_.size() - packed.size(), packed.size(), packed) != 0) return filters_;
        return filters_.substr(0, filters_.size() - packed.size()) + "format=gbrp";
    }

    // As the program: turned as the file asks for, then the caller's filters.
    void make_graph() {
        in_width_ = frame_->width;
        in_height_ = frame_->height;
        in_format_ = static_cast<AVPixelFormat>(frame_->format);
        const std::string turned = turn();
        const std::string chain = turned + ask(turned.find("transpose") != std::string::npos) + to_rgb();
        graph_ = avfilter_graph_alloc();
        if (graph_ == nullptr) fail(LAB_VIDEO_TOO_LARGE, "no memory");
        graph_->nb_threads = 1;
        graph_->scale_sws_opts = av_strdup("flags=bicubic");
        AVRational aspect = frame_->sample_aspect_ratio.den > 0 ? frame_->sample_aspect_ratio : AVRational{0, 1};
        char arguments[256];
        std::snprintf(arguments, sizeof arguments, "video_size=%dx%d:pix_fmt=%d:time_base=%d/%d:pixel_aspect=%d/%d", in_width_, in_height_,
                      static_cast<int>(in_format_), stream_->time_base.num, stream_->time_base.den, aspect.num, std::max(aspect.den, 1));
        check(avfilter_graph_create_filter(&source_, avfilter_get_by_name("buffer"), "in", arguments, nullptr, graph_), "the filters' input");
        check(avfilter_graph_create_filter(&sink_, avfilter_get_by_name("buffersink"), "out", nullptr, nullptr, graph_), "the filters' output");
        AVFilterInOut* outputs = avfilter_inout_alloc();
        AVFilterInOut* inputs = avfilter_inout_alloc();
        if (outputs == nullptr || inputs == nullptr) fail(LAB_VIDEO_TOO_LARGE, "no memory");
        *outputs = {av_strdup("in"), source_, 0, nullptr};
        *inputs = {av_strdup("out"), sink_, 0, nullptr};
        int error = avfilter_graph_parse_ptr(graph_, chain.c_str(), &inputs, &outputs, nullptr);
        avfilter_inout_free(&inputs);
        avfilter_inout_free(&outputs);
        check(error, "the filters");
        check(avfilter_graph_config(graph_, nullptr), "the filters");
    }

    std::string turn() const {
#if LIBAVCODEC_VERSION_MAJOR >= 61
        const AVPacketSideData* side = av_packet_side_data_get(stream_->codecpar->coded_side_data, stream_->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
        const int32_t* matrix = side != nullptr && side->size >= 36 ? reinterpret_cast<const int32_t*>(side->data) : nullptr;
#else
        size_t size = 0;
        const uint8_t* data = av_stream_get_side_data(stream_, AV_PKT_DATA_DISPLAYMATRIX, &size);
        const int32_t* matrix = data != nullptr && size >= 36 ? reinterpret_cast<const int32_t*>(data) : nullptr;
#endif
        if (matrix == nullptr) return "";
        double theta = -av_display_rotation_get(matrix);
        if (theta != theta) return "";
        theta -= 360 * std::floor(theta / 360 + 0.9 / 360);
        auto near = [&](double angle) { return theta > angle - 1 && theta < angle + 1; };
        if (near(90)) return matrix[3] > 0 ? "transpose=cclock_flip," : "transpose=clock,";
        if (near(180)) return std::string(matrix[0] < 0 ? "hflip," : "") + (matrix[4] < 0 ? "vflip," : "");
        if (near(270)) return matrix[3] < 0 ? "transpose=clock_flip," : "transpose=cclock,";
        if (theta > 1 || theta < -1) unsure("a rotation that is no quarter turn");
        return matrix[4] < 0 ? "vflip," : "";
    }

    const lab_video_limits limits_;
    const std::string filters_;
    const lab_video_begin begin_;
    void* const context_;
    const Clock::time_point start_;
    AVFormatContext* file_ = nullptr;
    AVStream* stream_ = nullptr;
    AVCodecContext* codec_ = nullptr;
    AVFrame* frame_ = nullptr;
    AVFrame* shown_ = nullptr;
    AVFilterGraph* graph_ = nullptr;
    AVFilterContext* source_ = nullptr;
    AVFilterContext* sink_ = nullptr;
    int in_width_ = 0, in_height_ = 0;
    AVPixelFormat in_format_ = AV_PIX_FMT_NONE;
    std::vector<int64_t> wanted_;
    bool everything_ = false;
    bool read_ = false;
    uint8_t* rgb_ = nullptr;
    int64_t room_ = 0, count_ = 0, decoded_ = 0;
    int width_ = 0, height_ = 0;
    lab_video_box box_{};
};

void tell(char* message, int64_t length, const std::string& text) {
    if (message == nullptr || length <= 0) return;
    size_t copied = std::min(text.size(), static_cast<size_t>(length - 1));
    std::memcpy(message, text.data(), copied);
    message[copied] = 0;
}

}  // namespace

extern "C" {

int lab_video_decode(const char* path, const int64_t* wanted, int64_t count, const char* filters, const lab_video_limits* limits, lab_video_begin begin,
                     void* context, lab_video_frames* out, char* message, int64_t message_length) {
    static const bool logging = (av_log_set_callback(on_log), true);
    (void)logging;
    std::string said;
    struct Listen {
        explicit Listen(std::string* to) { complaints = to; }
        ~Listen() { complaints = nullptr; }
    } listen(&said);
    *out = {};
    try {
        Reader reader(path, *limits, filters, count > 0 ? begin : nullptr, context);
        reader.run(wanted, count);
        if (!said.empty()) {
            tell(message, message_length, said);
            return LAB_VIDEO_UNSURE;
        }
        bool complete = reader.complete();
        reader.give(out);
        return complete ? LAB_VIDEO_OK : LAB_VIDEO_SHORT;
    } catch (const Failure& failure) {
        tell(message, message_length, said.empty() ? failure.what : failure.what + ": " + said);
        return failure.code;
    } catch (const std::bad_alloc&) {
        tell(message, message_length, "no memory");
        return LAB_VIDEO_TOO_LARGE;
    }
}

void lab_video_free(uint8_t* rgb) { std::free(rgb); }

int lab_video_version(void) { return 2; }

}
