#include "core/endpoint/exec_tunnel.h"

#include "core/endpoint/spdy_tunnel.h"

#include <nlohmann/json.hpp>

#include <optional>

namespace core::endpoint {

namespace {

using nlohmann::json;

std::unique_ptr<RemoteProcess> start(const LabSource& lab, const RemoteSettings& settings)
{
    return settings.command.empty() ? startAttach(lab, settings) : startExec(lab, settings);
}

/// {"Width":120,"Height":30}: several may come in one piece.
void applyResize(RemoteProcess& process, std::string_view text)
{
    const json size = json::parse(text.substr(0, text.find('}') == std::string_view::npos ? text.size() : text.find('}') + 1), nullptr, false);
    if (!size.is_object() || !size.contains("Width") || !size.contains("Height"))
        return;
    if (size["Width"].is_number_unsigned() && size["Height"].is_number_unsigned())
        process.resize(static_cast<int>(std::min(size["Width"].get<unsigned>(), 1000u)),
                       static_cast<int>(std::min(size["Height"].get<unsigned>(), 1000u)));
}

class SpdyExec final : public SpdyTunnel {
public:
    SpdyExec(LabSource lab, RemoteSettings settings) : m_lab(std::move(lab)), m_settings(std::move(settings)) { }

    void tick() override
    {
        if (!m_process && ready())
            begin();
        if (!m_process || m_done)
            return;
        const RemoteProcess::Output output = m_process->take();
        if (m_err) // first: programs keep back what they print into a pipe, but not their complaints
            write(*m_err, output.err);
        if (m_out)
            write(*m_out, output.out);
        if (const auto status = m_process->status()) {
            write(*m_error, *status);
            for (const auto& stream : {m_error, m_out, m_err})
                if (stream)
                    finish(*stream);
            m_done = true;
        }
    }

private:
    void opened(StreamId stream, const std::map<std::string, std::string>& headers) override
    {
        const auto type = headers.find("streamtype");
        const std::string name = type == headers.end() ? std::string() : type->second;
        if (name == "error")
            m_error = stream;
        else if (name == "stdin")
            m_in = stream;
        else if (name == "stdout")
            m_out = stream;
        else if (name == "stderr")
            m_err = stream;
        else if (name == "resize")
            m_resize = stream;
        else
            reset(stream);
    }
    void data(StreamId stream, std::string_view bytes) override
    {
        constexpr std::size_t kMaxEarly = 1u << 20;
        if (m_in == stream && m_process)
            m_process->input(bytes);
        else if (m_in == stream && m_early.size() < kMaxEarly)
            m_early += bytes;
        else if (m_resize == stream && m_process)
            applyResize(*m_process, bytes);
        else if (m_resize == stream)
            m_size = bytes;
    }
    void ended(StreamId stream) override
    {
        if (m_in != stream)
            return;
        m_inputEnded = true;
        if (m_process)
            m_process->endOfInput();
    }
    bool done() const override { return m_done; }

    bool ready() const
    {
        return m_error && (m_in || !m_settings.in) && (m_out || !m_settings.out) && (m_err || !m_settings.err || m_settings.tty);
    }
    void begin()
    {
        m_process = start(m_lab, m_settings);
        if (!m_size.empty())
            applyResize(*m_process, m_size);
        if (!m_early.empty())
            m_process->input(m_early);
        if (m_inputEnded)
            m_process->endOfInput();
    }

    LabSource m_lab;
    RemoteSettings m_settings;
    std::unique_ptr<RemoteProcess> m_process;
    std::optional<StreamId> m_error;
    std::optional<StreamId> m_in;
    std::optional<StreamId> m_out;
    std::optional<StreamId> m_err;
    std::optional<StreamId> m_resize;
    std::string m_early; ///< typed before the process ran
    std::string m_size;
    bool m_inputEnded = false;
    bool m_done = false;
};

class WebSocketExec final : public Tunnel {
public:
    WebSocketExec(const LabSource& lab, const RemoteSettings& settings) : m_settings(settings), m_process(start(lab, settings)) { }

    void received(std::string_view message) override
    {
        if (message.empty())
            return;
        const auto channel = static_cast<unsigned char>(message[0]);
        message.remove_prefix(1);
        if (channel == kIn)
            m_process->input(message);
        else if (channel == kResize)
            applyResize(*m_process, message);
        else if (channel == kClose && !message.empty() && message[0] == kIn)
            m_process->endOfInput();
    }
    void closed() override { m_done = true; }
    bool finished() const override { return m_done; }
    void tick() override
    {
        if (m_done)
            return;
        const RemoteProcess::Output output = m_process->take();
        if (m_settings.err) // first, as above
            say(kErr, output.err);
        if (m_settings.out)
            say(kOut, output.out);
        if (const auto status = m_process->status()) {
            say(kError, *status);
            m_done = true;
        }
    }

private:
    static constexpr unsigned char kIn = 0;
    static constexpr unsigned char kOut = 1;
    static constexpr unsigned char kErr = 2;
    static constexpr unsigned char kError = 3;
    static constexpr unsigned char kResize = 4;
    static constexpr unsigned char kClose = 255;

    void say(unsigned char channel, const std::string& text)
    {
        if (!text.empty())
            send(static_cast<char>(channel) + text);
    }

    RemoteSettings m_settings;
    std::unique_ptr<RemoteProcess> m_process;
    bool m_done = false;
};

} // namespace

std::unique_ptr<Tunnel> spdyExec(LabSource lab, RemoteSettings settings)
{
    return std::make_unique<SpdyExec>(std::move(lab), std::move(settings));
}

std::unique_ptr<Tunnel> webSocketExec(LabSource lab, RemoteSettings settings)
{
    return std::make_unique<WebSocketExec>(lab, settings);
}

} // namespace core::endpoint
