#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::endpoint {

/// One frame of SPDY/3.1 (spdy-protocol-draft3-1), as much of it as Kubernetes' streams use.
struct SpdyFrame {
    enum class Type { Data, SynStream, SynReply, Reset, Settings, Ping, GoAway, Headers, WindowUpdate, Other };
    Type type = Type::Data;
    std::uint32_t stream = 0; ///< of a Ping: its id
    bool fin = false;
    std::map<std::string, std::string> headers; ///< lower-case names
    std::string data;
};

/// Cuts a byte stream into frames and makes bytes of frames. Header blocks are compressed with one zlib stream
/// for each direction, so frames must be read and written in order.
class SpdyFramer {
public:
    /// Longer frames are refused: no header block or message of exec and port-forward comes near.
    static constexpr std::size_t kMaxFrame = 4u << 20;
    static constexpr std::size_t kMaxHeaders = 64u << 10; ///< decompressed

    SpdyFramer();
    ~SpdyFramer();
    SpdyFramer(const SpdyFramer&) = delete;
    SpdyFramer& operator=(const SpdyFramer&) = delete;

    /// The frames that are complete now. Nothing when the bytes are no SPDY/3.1: the connection must be closed.
    std::optional<std::vector<SpdyFrame>> read(std::string_view bytes);
    std::string write(const SpdyFrame& frame);

private:
    struct Compression;
    bool readControl(std::uint16_t type, std::uint8_t flags, std::string_view payload, SpdyFrame& frame);
    bool readHeaders(std::string_view block, std::map<std::string, std::string>& headers);

    std::unique_ptr<Compression> m_compression;
    std::string m_pending;
    bool m_broken = false;
};

} // namespace core::endpoint
