#include "core/shell/commands/linux/connection.h"

namespace core::shell::node {

namespace {

using sim::net::Verdict;

} // namespace

const char* LookedUp::error() const
{
    return status == sim::NameAnswer::Status::NoServer ? "Temporary failure in name resolution"
                                                       : "Name or service not known";
}

LookedUp lookUp(Invocation& inv, const std::string& name)
{
    LookedUp result;
    if (const auto literal = sim::net::Ipv4::parse(name)) {
        result.status = sim::NameAnswer::Status::Found;
        result.address = *literal;
        return result;
    }
    const sim::NameAnswer answer = inv.door().world().resolve(stackIdOf(inv), name);
    result.status = answer.addresses.empty() && answer.status == sim::NameAnswer::Status::Found
        ? sim::NameAnswer::Status::NotFound
        : answer.status;
    if (result.status == sim::NameAnswer::Status::Found)
        result.address = answer.addresses.front();
    result.canonicalName = answer.canonicalName;
    result.took = answer.took;
    return result;
}

Connecting tryConnect(Invocation& inv, sim::net::Ipv4 address, std::int64_t port,
                      std::optional<sim::Duration> limit, sim::net::Protocol protocol)
{
    Connecting result;
    result.path = inv.door().world().reach(stackIdOf(inv), address, protocol, port);
    switch (result.path.verdict) {
    case Verdict::Delivered:
        result.connected = true;
        result.took = result.path.rtt;
        break;
    case Verdict::TimedOut: result.took = kSynTimeout; break;
    case Verdict::Refused: result.took = std::max(result.path.rtt, result.path.errorAfter); break;
    default: result.took = result.path.errorAfter; break;
    }
    // A lossy path costs a retransmission of the SYN now and then; all lost looks like silence.
    if (result.connected && result.path.lossRatio > 0) {
        sim::RandomStream random = jitter(inv, "syn");
        sim::Duration wait = std::chrono::seconds(1);
        int tries = 0;
        while (tries < 7 && random.unit() < result.path.lossRatio) {
            result.took += wait;
            wait *= 2;
            ++tries;
        }
        result.connected = tries < 7;
    }
    if (!result.connected)
        result.error = result.path.verdict == Verdict::Delivered ? sim::net::errnoText(Verdict::TimedOut)
                                                                 : sim::net::errnoText(result.path.verdict);
    if (limit && result.took > *limit) {
        result.took = *limit;
        result.connected = false;
        result.limitHit = true;
        result.error = sim::net::errnoText(Verdict::TimedOut);
    }
    return result;
}

HeldConnection::HeldConnection(Invocation& inv, sim::net::Ipv4 address, std::int64_t port)
    : m_inv(inv)
{
    sim::command::OpenConnection open;
    open.stack = stackIdOf(inv);
    open.destination = address;
    open.port = port;
    open.opening.program = inv.name;
    const sim::CommandResult opened = inv.door().apply(sim::Command{open});
    if (opened.ok)
        m_id = sim::net::ConnectionId{static_cast<std::uint32_t>(opened.id)};
}

void HeldConnection::sends(std::int64_t bytes)
{
    if (m_id.valid() && bytes > 0)
        m_inv.door().apply(sim::Command{sim::command::SendBytes{m_id, false, bytes}});
}

void HeldConnection::receives(std::int64_t bytes)
{
    if (m_id.valid() && bytes > 0)
        m_inv.door().apply(sim::Command{sim::command::SendBytes{m_id, true, bytes}});
}

void HeldConnection::close()
{
    if (m_id.valid())
        m_inv.door().apply(sim::Command{sim::command::CloseConnection{m_id, false}});
    m_id = {};
}

void HeldConnection::sleep(sim::Duration duration)
{
    try {
        m_inv.sleep(duration);
    } catch (const Interrupted&) {
        close();
        throw;
    }
}

std::string nameOfAddress(const sim::World& world, sim::net::Ipv4 address)
{
    if (address.value >> 24 == 127)
        return "localhost";
    const sim::StackId id = world.network().findByAddress(address);
    if (!id.valid() || world.network().stack(id).node.valid())
        return address.text();
    return world.network().stack(id).name;
}

sim::RandomStream jitter(Invocation& inv, std::string_view salt)
{
    sim::Fingerprint f;
    f.add(static_cast<std::uint64_t>(inv.now().time_since_epoch().count()));
    f.add(std::uint64_t{stackIdOf(inv).value});
    return {f.value(), salt};
}

} // namespace core::shell::node
