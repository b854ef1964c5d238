#pragma once

#include "sim/engine/ids.h"
#include "sim/serving/fleet/gateway.h"
#include "sim/serving/load.h"
#include "sim/serving/router.h"

#include <deque>
#include <optional>
#include <string>

namespace sim::serving {

/// People or programs that use a model: an open load that comes over a load balancer into a Service.
struct ClientSettings {
    std::string name;            ///< "web", "batch": a tenant
    std::string service;         ///< "llm/chat": a Service of routers or of servers
    std::string model;           ///< that it asks for
    LoadSettings load;
    std::int32_t priority = 0;   ///< that its requests carry
    std::string gateway;         ///< "apps/assistants": a Deployment that its requests come through; empty: none
    bool interactive = true;     ///< counts for what users get
    bool sharedSession = false;  ///< a gateway before it hides who asks: all its requests carry one session
    double firstTokenGoal = 2;   ///< seconds until the first token
    double tokenGoal = 0.1;      ///< seconds a token, on average over an answer
    double pauseGoal = 0;        ///< seconds that an answer may stand still between two tokens; 0: nobody minds
    double patience = 60;        ///< seconds until it gives a request up
    double hangUpShare = 0;      ///< of its requests, whose readers have seen enough before the answer ends
    double hangUpSeconds = 8;    ///< after which they go, on average
    bool operator==(const ClientSettings&) const = default;
};
BOOST_DESCRIBE_STRUCT(ClientSettings, (),
                      (name, service, model, load, priority, gateway, interactive, sharedSession, firstTokenGoal, tokenGoal, pauseGoal, patience, hangUpShare,
                       hangUpSeconds))

/// Why a request did not go well.
enum class Outcome : std::uint8_t { Good, SlowFirstToken, SlowTokens, GaveUp, Refused, Unreachable, Failed };
inline constexpr std::size_t kOutcomes = 7;
/// "good", "slow_first_token": as labels of metrics.
const char* outcomeName(Outcome outcome);

/// What an answer looked like to its client.
struct Seen {
    Instant at{};
    float firstToken = 0; ///< seconds
    float perToken = 0;   ///< seconds; 0: one token
    bool operator==(const Seen&) const = default;
};
BOOST_DESCRIBE_STRUCT(Seen, (), (at, firstToken, perToken))

struct Client {
    ClientSettings settings;
    GatewaySettings through; ///< what its gateway makes of its requests
    LoadGenerator source;    ///< of what comes through
    std::optional<Request> next; ///< comes at its arrival
    std::uint64_t sent = 0;
    std::array<std::uint64_t, kOutcomes> outcomes{}; ///< since the start
    std::array<std::uint64_t, kOutcomes> latest{};   ///< in the last second
    std::uint64_t arrived = 0;                       ///< in the last second
    std::array<std::uint64_t, kOutcomes> counting{}; ///< since then
    std::uint64_t coming = 0;
    std::deque<Seen> seen;       ///< of the last kWindow, by the answers' ends
    std::deque<std::pair<std::uint32_t, std::uint32_t>> settled; ///< good ones and all, of each of the last kSettled seconds
    bool away = false;           ///< its gateway does not run: nobody gets through
    double share = 1;            ///< good ones of those; as before while none was settled

    static constexpr Duration kWindow = 30s;
    static constexpr std::size_t kSettled = 15;
    Client(const ClientSettings& of, std::uint64_t seed, Instant start) : settings(of), source(of.load, seed, start) { }
    /// Changes what it sends from now on. Its conversations begin anew.
    void change(const ClientSettings& to, std::uint64_t seed, Instant now);
    /// What the servers get of `settings.load`.
    LoadSettings arriving() const;
    /// Sends from now on what its gateway makes of it; null: that does not run.
    void follow(const GatewaySettings* gateway, RandomStream& random, Instant now);
    void note(Outcome outcome);
    /// Of the last window, `share` from 0 to 1; 0 without answers.
    double firstTokenSeconds(double share) const;
    double perTokenSeconds(double share) const;
    bool operator==(const Client&) const = default;
    void addTo(Fingerprint& f) const;
};

/// A router's container: vllm-router with its policy and the pods that it finds.
struct RouterState {
    ContainerId container;
    std::string policyName; ///< "cache_aware", "round_robin", "power_of_two", "consistent_hash"
    Router router;
    std::map<std::uint32_t, std::uint64_t> sent; ///< by server's container id, since the start
    bool operator==(const RouterState&) const = default;
    void addTo(Fingerprint& f) const;
};

/// What `--policy` of vllm-router names; nothing: it names none.
std::optional<RoutePolicy> routePolicy(const std::string& name);

} // namespace sim::serving
