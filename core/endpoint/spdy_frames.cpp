#include "core/endpoint/spdy_frames.h"

#include "core/endpoint/spdy_dictionary.h"
#include "sim/engine/assert.h"

#include <zlib.h>

#include <algorithm>

namespace core::endpoint {

namespace {

constexpr std::uint16_t kVersion = 3;
constexpr std::uint8_t kFin = 0x01;
enum ControlType : std::uint16_t { kSynStream = 1, kSynReply = 2, kReset = 3, kSettings = 4, kPing = 6, kGoAway = 7, kHeaders = 8, kWindowUpdate = 9 };

std::uint32_t number32(std::string_view bytes)
{
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i)
        value = value << 8 | static_cast<std::uint8_t>(bytes[static_cast<std::size_t>(i)]);
    return value;
}

void put(std::string& out, std::uint32_t value, int bytes)
{
    for (int i = bytes - 1; i >= 0; --i)
        out += static_cast<char>(value >> (8 * i) & 0xff);
}

} // namespace

struct SpdyFramer::Compression {
    z_stream in{};
    z_stream out{};
    std::string dictionary = spdyDictionary();

    Compression()
    {
        FL_ASSERT(inflateInit(&in) == Z_OK);
        FL_ASSERT(deflateInit(&out, Z_DEFAULT_COMPRESSION) == Z_OK);
        deflateSetDictionary(&out, reinterpret_cast<const Bytef*>(dictionary.data()), static_cast<uInt>(dictionary.size()));
    }
    ~Compression()
    {
        inflateEnd(&in);
        deflateEnd(&out);
    }

    std::optional<std::string> inflated(std::string_view block)
    {
        std::string text;
        char buffer[4096];
        in.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(block.data()));
        in.avail_in = static_cast<uInt>(block.size());
        for (;;) {
            in.next_out = reinterpret_cast<Bytef*>(buffer);
            in.avail_out = sizeof buffer;
            int result = inflate(&in, Z_SYNC_FLUSH);
            if (result == Z_NEED_DICT)
                result = inflateSetDictionary(&in, reinterpret_cast<const Bytef*>(dictionary.data()), static_cast<uInt>(dictionary.size()));
            else if (result == Z_BUF_ERROR)
                return text; // nothing more to read
            if (result != Z_OK)
                return std::nullopt;
            text.append(buffer, sizeof buffer - in.avail_out);
            if (text.size() > kMaxHeaders)
                return std::nullopt;
        }
    }

    std::string deflated(const std::string& text)
    {
        std::string block;
        char buffer[4096];
        out.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
        out.avail_in = static_cast<uInt>(text.size());
        do {
            out.next_out = reinterpret_cast<Bytef*>(buffer);
            out.avail_out = sizeof buffer;
            deflate(&out, Z_SYNC_FLUSH);
            block.append(buffer, sizeof buffer - out.avail_out);
        } while (out.avail_out == 0);
        return block;
    }
};

SpdyFramer::SpdyFramer() : m_compression(std::make_unique<Compression>()) { }
SpdyFramer::~SpdyFramer() = default;

bool SpdyFramer::readHeaders(std::string_view block, std::map<std::string, std::string>& headers)
{
    const auto text = m_compression->inflated(block);
    if (!text || text->size() < 4)
        return false;
    std::string_view rest = *text;
    const auto word = [&]() -> std::optional<std::string> {
        if (rest.size() < 4)
            return std::nullopt;
        const std::uint32_t length = number32(rest);
        if (length > rest.size() - 4)
            return std::nullopt;
        std::string value(rest.substr(4, length));
        rest.remove_prefix(4 + length);
        return value;
    };
    const std::uint32_t count = number32(rest);
    rest.remove_prefix(4);
    for (std::uint32_t i = 0; i < count; ++i) {
        auto name = word();
        auto value = name ? word() : std::nullopt;
        if (!value)
            return false;
        std::transform(name->begin(), name->end(), name->begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
        headers[*name] = *value;
    }
    return true;
}

bool SpdyFramer::readControl(std::uint16_t type, std::uint8_t flags, std::string_view payload, SpdyFrame& frame)
{
    using Type = SpdyFrame::Type;
    frame.fin = (flags & kFin) != 0;
    const auto needs = [&](std::size_t size) { return payload.size() >= size; };
    switch (type) {
    case kSynStream:
        frame.type = Type::SynStream;
        if (!needs(10))
            return false;
        frame.stream = number32(payload) & 0x7fffffff;
        return readHeaders(payload.substr(10), frame.headers);
    case kSynReply:
    case kHeaders:
        frame.type = type == kHeaders ? Type::Headers : Type::SynReply;
        if (!needs(4))
            return false;
        frame.stream = number32(payload) & 0x7fffffff;
        return readHeaders(payload.substr(4), frame.headers);
    case kPing:
    case kReset:
    case kGoAway:
    case kWindowUpdate:
        frame.type = type == kPing ? Type::Ping : type == kReset ? Type::Reset : type == kGoAway ? Type::GoAway : Type::WindowUpdate;
        if (!needs(4))
            return false;
        frame.stream = number32(payload);
        return true;
    case kSettings: frame.type = Type::Settings; return true;
    default: frame.type = Type::Other; return true;
    }
}

std::optional<std::vector<SpdyFrame>> SpdyFramer::read(std::string_view bytes)
{
    std::vector<SpdyFrame> frames;
    m_pending += bytes;
    std::string_view rest = m_pending;
    while (!m_broken && rest.size() >= 8) {
        const std::uint32_t head = number32(rest);
        const auto flags = static_cast<std::uint8_t>(rest[4]);
        const std::size_t length = number32(rest.substr(4)) & 0xffffff;
        const bool control = (head & 0x80000000) != 0;
        if (length > kMaxFrame || (control && (head >> 16 & 0x7fff) != kVersion)) {
            m_broken = true;
            break;
        }
        if (rest.size() < 8 + length)
            break;
        SpdyFrame frame;
        const std::string_view payload = rest.substr(8, length);
        if (control) {
            m_broken = !readControl(static_cast<std::uint16_t>(head & 0xffff), flags, payload, frame);
        } else {
            frame.stream = head;
            frame.fin = (flags & kFin) != 0;
            frame.data = payload;
        }
        if (!m_broken)
            frames.push_back(std::move(frame));
        rest.remove_prefix(8 + length);
    }
    m_pending.erase(0, m_pending.size() - rest.size());
    if (m_broken)
        return std::nullopt;
    return frames;
}

std::string SpdyFramer::write(const SpdyFrame& frame)
{
    using Type = SpdyFrame::Type;
    std::string out;
    if (frame.type == Type::Data) {
        put(out, frame.stream & 0x7fffffff, 4);
        put(out, frame.fin ? kFin : 0, 1);
        put(out, static_cast<std::uint32_t>(frame.data.size()), 3);
        return out + frame.data;
    }
    std::uint16_t type = 0;
    std::string payload;
    const bool headers = frame.type == Type::SynStream || frame.type == Type::SynReply || frame.type == Type::Headers;
    put(payload, frame.stream, 4);
    switch (frame.type) {
    case Type::SynStream:
        type = kSynStream;
        put(payload, 0, 4);
        put(payload, 0, 2);
        break;
    case Type::SynReply: type = kSynReply; break;
    case Type::Headers: type = kHeaders; break;
    case Type::Ping: type = kPing; break;
    case Type::Reset:
        type = kReset;
        put(payload, 5, 4); // CANCEL
        break;
    case Type::GoAway:
        type = kGoAway;
        put(payload, 0, 4); // OK
        break;
    default: FL_ASSERT(!"this frame is never sent");
    }
    if (headers) {
        std::string text;
        put(text, static_cast<std::uint32_t>(frame.headers.size()), 4);
        for (const auto& [name, value] : frame.headers) {
            put(text, static_cast<std::uint32_t>(name.size()), 4);
            text += name;
            put(text, static_cast<std::uint32_t>(value.size()), 4);
            text += value;
        }
        payload += m_compression->deflated(text);
    }
    put(out, 0x80000000u | static_cast<std::uint32_t>(kVersion) << 16 | type, 4);
    put(out, frame.fin ? kFin : 0, 1);
    put(out, static_cast<std::uint32_t>(payload.size()), 3);
    return out + payload;
}

} // namespace core::endpoint
