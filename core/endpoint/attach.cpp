#include "core/endpoint/remote_process.h"

#include "sim/container/entry_point.h"

namespace core::endpoint {

namespace {

using sim::container::Container;

class Attach final : public RemoteProcess {
public:
    Attach(LabSource lab, const RemoteSettings& settings) : m_source(std::move(lab)), m_tty(settings.tty)
    {
        const session::Session* session = m_source();
        const Container* container = session == nullptr ? nullptr : session->world().containerOf(*settings.target.pod, settings.target.container);
        if (container == nullptr || container->state != Container::State::Running) {
            m_status = internalErrorStatus("unable to upgrade connection: container " + settings.target.container + " not found in pod " + settings.target.pod->metadata.name + "_"
                                           + settings.target.pod->metadata.namespace_); // kubecontainer.GetPodFullName
            return;
        }
        m_id = container->id;
        m_from = session->now();
    }

    void input(std::string_view bytes) override
    {
        if (m_tty && bytes.find('\x03') != std::string_view::npos)
            m_status = successStatus();
    }
    void endOfInput() override { }
    void resize(int, int) override { }

    Output take() override
    {
        Output output;
        const session::Session* session = m_source();
        const Container* container = session == nullptr || m_status ? nullptr : session->world().runtimes().find(m_id);
        if (container == nullptr) {
            if (!m_status)
                m_status = successStatus();
            return output;
        }
        for (const auto& [at, line] : container->log)
            if (at > m_from)
                output.out += line + (m_tty ? "\r\n" : "\n");
        m_from = std::max(m_from, container->log.empty() ? m_from : container->log.back().first);
        if (container->state == Container::State::Exited)
            m_status = exitStatus(static_cast<int>(container->exitCode));
        return output;
    }
    std::optional<std::string> status() const override { return m_status; }

private:
    LabSource m_source;
    bool m_tty = false;
    sim::ContainerId m_id;
    sim::Instant m_from{};
    std::optional<std::string> m_status;
};

} // namespace

std::unique_ptr<RemoteProcess> startAttach(LabSource lab, RemoteSettings settings)
{
    const session::Session* session = lab();
    const Container* container = session == nullptr ? nullptr : session->world().containerOf(*settings.target.pod, settings.target.container);
    if (container != nullptr && container->state == Container::State::Running && settings.in && container->stdinOpen
        && sim::container::readsCommands(container->program.command)) {
        settings.command = container->program.command;
        settings.attached = true;
        return startExec(std::move(lab), std::move(settings));
    }
    return std::make_unique<Attach>(std::move(lab), settings);
}

} // namespace core::endpoint
