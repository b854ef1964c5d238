#include "core/endpoint/spdy_tunnel.h"

namespace core::endpoint {

using Type = SpdyFrame::Type;

void SpdyTunnel::received(std::string_view bytes)
{
    const auto frames = m_framer.read(bytes);
    if (!frames) {
        m_closed = true;
        return;
    }
    for (const SpdyFrame& frame : *frames) {
        switch (frame.type) {
        case Type::SynStream: {
            SpdyFrame reply;
            reply.type = Type::SynReply;
            reply.stream = frame.stream;
            send(m_framer.write(reply));
            opened(frame.stream, frame.headers);
            break;
        }
        case Type::Data:
            if (!frame.data.empty())
                data(frame.stream, frame.data);
            break;
        case Type::Ping:
            if (frame.stream % 2 == 1) // the client's own; an even one would answer ours
                send(m_framer.write(frame));
            break;
        case Type::Reset: ended(frame.stream); break;
        case Type::GoAway: m_closed = true; break;
        default: break;
        }
        if (frame.fin)
            ended(frame.stream);
    }
}

void SpdyTunnel::write(StreamId stream, std::string_view bytes)
{
    constexpr std::size_t kPiece = 32u << 10;
    while (!bytes.empty()) {
        SpdyFrame frame;
        frame.stream = stream;
        frame.data = bytes.substr(0, kPiece);
        bytes.remove_prefix(frame.data.size());
        send(m_framer.write(frame));
    }
}

void SpdyTunnel::finish(StreamId stream)
{
    SpdyFrame frame;
    frame.stream = stream;
    frame.fin = true;
    send(m_framer.write(frame));
}

void SpdyTunnel::reset(StreamId stream)
{
    SpdyFrame frame;
    frame.type = Type::Reset;
    frame.stream = stream;
    send(m_framer.write(frame));
}

} // namespace core::endpoint
