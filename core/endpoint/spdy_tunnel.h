#pragma once

#include "core/endpoint/spdy_frames.h"
#include "core/endpoint/tunnel.h"

#include <map>

namespace core::endpoint {

/// The server's side of a SPDY/3.1 connection: frames in and out, streams that the client opened.
class SpdyTunnel : public Tunnel {
public:
    void received(std::string_view bytes) final;
    void closed() final { m_closed = true; }
    bool finished() const final { return m_closed || done(); }

protected:
    using StreamId = std::uint32_t;
    virtual void opened(StreamId stream, const std::map<std::string, std::string>& headers) = 0;
    virtual void data(StreamId stream, std::string_view bytes) = 0;
    /// The client sends no more on the stream.
    virtual void ended(StreamId stream) = 0;
    /// Nothing more to say.
    virtual bool done() const = 0;

    void write(StreamId stream, std::string_view bytes);
    void finish(StreamId stream);
    void reset(StreamId stream);

private:
    SpdyFramer m_framer;
    bool m_closed = false;
};

} // namespace core::endpoint
