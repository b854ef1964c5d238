#pragma once

#include "sim/faults/requests.h"

#include <functional>
#include <initializer_list>
#include <string>

namespace sim::faults {

/// Namespace of the model servers, and their Deployments.
inline constexpr const char* kModels = "llm";
inline constexpr const char* kChat = "chat";
inline constexpr const char* kChatRouter = "chat-router";
inline constexpr const char* kAgents = "agents";
inline constexpr const char* kDocs = "docs";
/// Namespace of the gateways of programs that share a model, and their Deployments; their clients have the same names.
inline constexpr const char* kApps = "apps";
inline constexpr const char* kLabelling = "labelling";
inline constexpr const char* kSupport = "support";
inline constexpr const char* kReports = "reports";

/// A release changes the Deployment of a model server or router: `change` gets its pod's specification and in it the first container, and
/// `note` becomes its change-cause. False: the topology has no such Deployment.
bool releaseModel(Context& context, const std::string& deployment, const std::string& note,
                  const std::function<void(nlohmann::json& pod, nlohmann::json& container)>& change);
/// The same of a Deployment in another namespace: a gateway.
bool releaseIn(Context& context, const std::string& nameSpace, const std::string& deployment, const std::string& note,
               const std::function<void(nlohmann::json& pod, nlohmann::json& container)>& change);
/// "--name=value" among a container's arguments, in place of the one of that name; without a value the flag alone.
void setArgument(nlohmann::json& container, const std::string& name, const std::string& value = {});
void removeArgument(nlohmann::json& container, const std::string& name);
void setEnvironment(nlohmann::json& container, const std::string& name, const std::string& value);
/// Of each GPU, for requests and limits.
void setGpus(nlohmann::json& container, int count);

/// The container becomes one of TensorRT-LLM: `options` is its YAML file, `engine` (may be null) what trtllm-build wrote beside the engine.
void serveWithTensorRt(Context& context, nlohmann::json& pod, nlohmann::json& container, const std::string& deployment, const std::string& model,
                       const std::string& options, const nlohmann::json& engine = nullptr);

/// What content may name: cause, variant, namespace, deployment, "pod" and "machine" of the server, "gpu" (its first one's slot).
nlohmann::json toldOfModel(const Context& context, const Choice& choice, const std::string& deployment, const serving::Server& server);

/// A further client, like a known one but for what `change` says.
void addClient(Context& context, const std::string& name, const std::string& like, const std::function<void(serving::ClientSettings&)>& change);
/// Null: the topology has none of that name.
serving::Client* modelClient(Context& context, const std::string& name);
/// Changes what a client sends; its conversations begin anew.
void changeClient(Context& context, const std::string& name, const std::function<void(serving::ClientSettings&)>& change);
/// Multiplies what clients ask.
void growClients(Context& context, std::initializer_list<const char*> names, double factor);
/// A client "reports" of chat: a program that has long documents summed up, and does not mind to wait. Lower priorities go first.
void addReports(Context& context, double requestsPerSecond, std::int32_t priority = 0);
/// The server of a ready pod of the Deployment, by the seed; null: none is ready. Requires: the topology has GPUs.
const serving::Server* someServer(Context& context, const std::string& deployment);

/// Somebody with root's rights signals processes on a server's machine, as sudo tells its journal: "kill -STOP 4711".
void signalBySudo(Context& context, const serving::Server& server, const std::vector<std::int64_t>& pids, const char* option, int signal);

/// People announce on a Deployment what they do with it, or take it back (an empty text).
void announce(Context& context, const std::string& deployment, const std::string& text);
void announceIn(Context& context, const std::string& nameSpace, const std::string& deployment, const std::string& text);
/// "09:25": so long from now.
std::string clockIn(const Context& context, Duration after);

} // namespace sim::faults
