#pragma once

#include "core/shell/commands/docker/verb.h"
#include "core/shell/invocation.h"
#include "sim/container/docker/daemon.h"
#include "sim/world/world.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace core::shell::docker {

using Json = nlohmann::ordered_json;
using sim::container::docker::Container;
using sim::container::docker::Network;
using sim::container::docker::Outcome;
using sim::container::docker::Request;
using sim::container::docker::StoredImage;

/// The docker command line of one invocation: the socket, what dockerd knows, its answers.
class Client {
public:
    explicit Client(Invocation& invocation) : inv(invocation) { }
    Invocation& inv;

    /// Empty, or what docker prints when the daemon cannot be had. `method` and `path` of the first request, for the text.
    std::string unreachable(const std::string& method = "GET", const std::string& path = "/containers/json");
    const sim::World& world() const { return inv.door().world(); }
    const sim::host::Machine& machine() const { return world().hosts().at(inv.place().host); }
    /// Requires: the daemon can be had.
    const sim::container::docker::Docker& docker() const { return *world().dockers().find(inv.place().host); }
    Outcome call(const Request& request);

    /// By name, id or beginning of an id; null, and the daemon's words.
    const Container* find(const std::string& name, std::string* error = nullptr) const;
    /// The same for a command that needs the container: null once what is in the way has been printed.
    const Container* named(const std::string& name);
    const StoredImage* findImage(const std::string& name, std::string* id = nullptr) const;
    const Network* findNetwork(const std::string& name) const;
    const sim::container::Container* task(const Container& container) const { return world().runtimes().find(container.task); }
    bool running(const std::string& id) const;

    /// "Error response from daemon: ..."; returns 1.
    int daemonError(const std::string& error);
    int error(const std::string& text);
    void note(const std::string& what) { inv.noteRead(what + "/" + machine().name); }
    void noteContainer(const Container& container) { inv.noteRead("container/" + machine().name + "/" + container.name); }
    /// "Are you sure you want to continue? [y/N] ": what is typed counts.
    bool confirm(const std::string& warning);
    sim::container::Credentials credentialsFor(const std::string& reference) const;
};

/// Sleeps until the condition no longer holds.
template <class Condition>
void waitWhile(Invocation& inv, Condition holds)
{
    while (holds())
        inv.sleep(std::chrono::milliseconds(50));
}

// Layouts of docker/cli 27.5.
std::string humanSize(double bytes);                 ///< decimal, four digits: "1.234GB"
std::string humanSizeShort(double bytes);            ///< three digits: "187MB"
std::string memorySize(double bytes);                ///< binary: "31.2MiB"
std::string humanDuration(sim::Duration age);        ///< "About a minute", "3 hours"
std::string ago(sim::Instant at, sim::Instant now);  ///< "3 hours ago"
std::string ellipsis(const std::string& text, std::size_t width);
std::string stamp(sim::Instant at);                  ///< RFC 3339 with nanoseconds, UTC
/// tabwriter as docker sets it up: columns at least 10 wide, three blanks between.
std::string columns(const std::vector<std::vector<std::string>>& rows);
/// Rows of a list by --format: "table ..." with a head, "json", or a Go template for each row. Empty, and the error, when
/// the template is malformed.
std::optional<std::string> formatted(const std::string& format, const std::vector<Json>& rows, const Json& heads, std::string& error);
/// One value by a Go template (docker inspect -f).
std::optional<std::string> byTemplate(const std::string& text, const Json& value, std::string& error);

/// "Up 3 minutes (healthy)", "Exited (137) 2 minutes ago".
std::string statusText(const Container& container, sim::Instant now);
const char* stateWord(const Container& container);
/// "0.0.0.0:8080->80/tcp, 9090/tcp"
std::string portsText(const Container& container);
/// "nginx -g 'daemon of…"
std::string commandText(const Container& container);
std::int64_t upperBytes(const Client& client, const Container& container);
std::int64_t imageBytes(const StoredImage& image);
std::int64_t bytesBelow(const Client& client, const std::string& folder);
Json inspectContainer(const Client& client, const Container& container);
Json inspectImage(const Client& client, const std::string& id, const StoredImage& image);
Json inspectNetwork(const Client& client, const Network& network);
Json inspectVolume(const Client& client, const std::string& name);
std::optional<std::int64_t> bytesOf(const std::string& text); ///< go-units' RAMInBytes: "512m", "1g"
int streamLogs(Client& client, const std::string& id, std::uint64_t from, bool follow, bool timestamps, std::optional<sim::Instant> since = {});
/// Pulls with docker's progress lines. Empty, or the daemon's words.
std::string pullWithProgress(Client& client, const std::string& reference, bool quiet);

} // namespace core::shell::docker
