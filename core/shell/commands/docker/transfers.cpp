// pull, push, login, logout.
#include "core/shell/commands/docker/client.h"

#include "core/shell/paths.h"
#include "sim/engine/base64.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::docker {

namespace {

using sim::container::Reference;
using sim::container::docker::familiar;
using sim::container::docker::repositoryOf;
using sim::container::docker::shortId;
using sim::container::docker::Transfer;

constexpr const char* kHub = "https://index.docker.io/v1/";

/// Waits for the end of a transfer; its last state, or nothing when the daemon has gone.
std::optional<Transfer> waited(Client& client, std::uint32_t id)
{
    waitWhile(client.inv, [&] {
        const auto* docker = client.world().dockers().find(client.inv.place().host);
        const auto found = docker->transfers.find(id);
        return docker->up && found != docker->transfers.end() && !found->second.over();
    });
    const auto& transfers = client.world().dockers().find(client.inv.place().host)->transfers;
    const auto found = transfers.find(id);
    return found == transfers.end() ? std::nullopt : std::optional(found->second);
}

int pull(Client& client, const Call& call)
{
    const auto reference = Reference::parse(call.operands[0]);
    if (!reference)
        return client.error("invalid reference format");
    if (const std::string problem = client.unreachable("POST", "/images/create"); !problem.empty())
        return client.error(problem);
    const bool quiet = call.options.has("quiet");
    const std::string last = call.operands[0].substr(call.operands[0].rfind('/') == std::string::npos ? 0 : call.operands[0].rfind('/'));
    if (!quiet && last.find(':') == std::string::npos && last.find('@') == std::string::npos)
        client.inv.print("Using default tag: latest\n");
    const std::string error = pullWithProgress(client, call.operands[0], quiet);
    if (!error.empty())
        return client.daemonError(error);
    client.inv.print(reference->text() + "\n");
    return 0;
}

int push(Client& client, const Call& call)
{
    const auto reference = Reference::parse(call.operands[0]);
    if (!reference)
        return client.error("invalid reference format");
    if (const std::string problem = client.unreachable("POST", "/images/push"); !problem.empty())
        return client.error(problem);
    client.note("image");
    const std::string last = call.operands[0].substr(call.operands[0].rfind('/') == std::string::npos ? 0 : call.operands[0].rfind('/'));
    if (last.find(':') == std::string::npos)
        client.inv.print("Using default tag: latest\n");
    const Outcome begun = client.call(sim::container::docker::PushImage{call.operands[0], client.credentialsFor(call.operands[0])});
    if (!begun.ok())
        return client.error(begun.error);
    client.inv.print(fmt::format("The push refers to repository [{}]\n", repositoryOf(reference->text())));
    const auto id = static_cast<std::uint32_t>(std::atoll(begun.id.c_str()));
    const auto ended = waited(client, id);
    if (!ended)
        return client.error("error during connect: EOF");
    if (!ended->error.empty())
        return client.error(ended->error);
    for (auto layer = ended->image->layers.rbegin(); layer != ended->image->layers.rend(); ++layer) {
        const bool there = std::find(ended->present.begin(), ended->present.end(), layer->digest) != ended->present.end();
        if (!there)
            client.inv.print(fmt::format("{}: Preparing\n", shortId(layer->digest)));
        client.inv.print(fmt::format("{}: {}\n", shortId(layer->digest), there ? "Layer already exists" : "Pushed"));
    }
    constexpr std::int64_t kManifestHead = 430;
    constexpr std::int64_t kManifestLayer = 165;
    client.inv.print(fmt::format("{}: digest: {} size: {}\n", reference->tag, ended->image->digest,
                                 kManifestHead + kManifestLayer * static_cast<std::int64_t>(ended->image->layers.size())));
    return 0;
}

std::string configPath(const Client& client)
{
    return client.inv.system().homeDirectory(client.inv.place()) + "/.docker/config.json";
}

Json configOf(const Client& client)
{
    const ReadFile file = client.inv.system().readFile(client.inv.place(), configPath(client));
    const Json config = Json::parse(file.text, nullptr, false);
    return config.is_object() ? config : Json::object();
}

void writeConfig(const Client& client, const Json& config)
{
    const std::string folder = parentOf(configPath(client));
    if (!client.inv.system().stat(client.inv.place(), folder))
        client.inv.system().makeDirectory(client.inv.place(), folder);
    client.inv.system().writeFile(client.inv.place(), configPath(client), config.dump(1, '\t') + "\n", false);
}

int login(Client& client, const Call& call)
{
    const std::string server = call.operands.empty() ? kHub : call.operands[0];
    std::string user = call.options.value("username");
    std::string password = call.options.value("password");
    if (call.options.has("password"))
        client.inv.err().write("WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n");
    if (call.options.has("password-stdin")) {
        if (user.empty())
            return client.error("Must provide --username with --password-stdin");
        password = client.inv.in().readLine().value_or("");
    }
    if (user.empty()) {
        client.inv.print("Username: ");
        user = client.inv.in().readLine().value_or("");
    }
    if (password.empty()) {
        client.inv.print("Password: ");
        password = client.inv.in().readLine().value_or("");
        client.inv.print("\n");
    }
    if (user.empty() || password.empty())
        return client.error("Error: Password Required");
    if (const std::string problem = client.unreachable("POST", "/auth"); !problem.empty())
        return client.error(problem);
    const std::string host = server == kHub ? "registry-1.docker.io" : server;
    const auto colon = host.find(':');
    sim::HttpQuestion question{.from = client.machine().stack, .tls = true, .host = host.substr(0, colon), .port = colon == std::string::npos ? 443 : std::atoll(host.c_str() + colon + 1), .path = "/v2/"};
    question.headers["authorization"] = "Basic " + sim::encodeBase64(user + ":" + password);
    const sim::HttpAnswer answer = client.world().http(question);
    client.inv.sleep(answer.took);
    client.inv.noteRead(fmt::format("http/{}/v2/", host));
    const std::string get = fmt::format("Get \"https://{}/v2/\": ", host);
    switch (answer.failure) {
    case sim::HttpAnswer::Failure::None: break;
    case sim::HttpAnswer::Failure::Name:
        return client.daemonError(get + fmt::format("dial tcp: lookup {} on {}:53: {}", question.host, answer.name.server,
                                                    answer.name.status == sim::NameAnswer::Status::NoServer ? "read udp: i/o timeout" : "no such host"));
    case sim::HttpAnswer::Failure::Connect:
        return client.daemonError(get + fmt::format("dial tcp {}:{}: connect: {}", answer.address.text(), question.port,
                                                    answer.path.verdict == sim::net::Verdict::Refused ? "connection refused" : "no route to host"));
    case sim::HttpAnswer::Failure::Timeout:
        client.inv.sleep(std::chrono::seconds(15));
        return client.daemonError(get + "net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)");
    case sim::HttpAnswer::Failure::Tls: return client.daemonError(get + "tls: failed to verify certificate: x509: " + answer.tlsError);
    }
    constexpr int kUnauthorized = 401, kOk = 200;
    if (answer.status == kUnauthorized)
        return client.daemonError(get + "unauthorized: authentication required");
    if (answer.status != kOk)
        return client.daemonError(fmt::format("login attempt to https://{}/v2/ failed with status: {} {}", host, answer.status, answer.reason));
    Json config = configOf(client);
    config["auths"][server]["auth"] = sim::encodeBase64(user + ":" + password);
    writeConfig(client, config);
    const std::string path = configPath(client);
    client.inv.err().write(fmt::format("\nWARNING! Your credentials are stored unencrypted in '{}'.\nConfigure a credential helper to remove this warning. See\n"
                                       "https://docs.docker.com/go/credential-store/\n\n", path));
    client.inv.print("Login Succeeded\n");
    return 0;
}

int logout(Client& client, const Call& call)
{
    const std::string server = call.operands.empty() ? kHub : call.operands[0];
    Json config = configOf(client);
    if (!config.contains("auths") || !config["auths"].contains(server)) {
        client.inv.print(fmt::format("Not logged in to {}\n", server));
        return 0;
    }
    config["auths"].erase(server);
    writeConfig(client, config);
    client.inv.print(fmt::format("Removing login credentials for {}\n", server));
    return 0;
}

} // namespace

std::string pullWithProgress(Client& client, const std::string& name, bool quiet)
{
    const auto reference = Reference::parse(name);
    client.inv.noteRead("image/" + client.machine().name + "/" + reference->text());
    const Outcome begun = client.call(sim::container::docker::PullImage{name, client.credentialsFor(name)});
    if (!begun.ok())
        return begun.error;
    const auto id = static_cast<std::uint32_t>(std::atoll(begun.id.c_str()));
    const auto transferNow = [&]() -> const Transfer* {
        const auto& transfers = client.world().dockers().find(client.inv.place().host)->transfers;
        const auto found = transfers.find(id);
        return found == transfers.end() ? nullptr : &found->second;
    };
    waitWhile(client.inv, [&] { return transferNow() != nullptr && transferNow()->phase == Transfer::Phase::Resolving; });
    const Transfer* begunTransfer = transferNow();
    if (begunTransfer == nullptr)
        return "error reading from server: EOF";
    if (begunTransfer->phase == Transfer::Phase::Failed)
        return begunTransfer->error;
    const Transfer known = *begunTransfer;
    const auto isThere = [&](const std::string& digest) { return std::find(known.present.begin(), known.present.end(), digest) != known.present.end(); };
    Output& progress = client.inv.out();
    if (!quiet) {
        progress.write(fmt::format("{}: Pulling from {}\n", reference->digest.empty() ? reference->tag : reference->digest,
                                   reference->registry == "docker.io" ? reference->repository : reference->repository));
        for (const auto& layer : known.image->layers)
            progress.write(fmt::format("{}: {}\n", shortId(layer.digest), isThere(layer.digest) ? "Already exists" : "Pulling fs layer"));
    }
    const auto ended = waited(client, id);
    if (!ended)
        return "error reading from server: EOF";
    if (!ended->error.empty())
        return ended->error;
    if (!quiet) {
        for (const auto& layer : known.image->layers)
            if (!isThere(layer.digest))
                progress.write(fmt::format("{0}: Verifying Checksum\n{0}: Download complete\n{0}: Pull complete\n", shortId(layer.digest)));
        progress.write(fmt::format("Digest: {}\nStatus: {} {}\n", known.image->digest, known.upToDate ? "Image is up to date for" : "Downloaded newer image for", familiar(reference->text())));
    }
    return {};
}

void addTransferVerbs(std::vector<Verb>& all)
{
    all.push_back({"image pull", "pull", "[OPTIONS] NAME[:TAG|@DIGEST]", "Download an image from a registry",
                   {{'a', "all-tags", "", "Download all tagged images in the repository"}, {0, "platform", "string", "Set platform if server is multi-platform capable"}, {'q', "quiet", "", "Suppress verbose output"}},
                   1, 1, false, pull, Verb::Names::Images});
    all.push_back({"image push", "push", "[OPTIONS] NAME[:TAG]", "Upload an image to a registry", {{'a', "all-tags", "", "Push all tags of an image to the repository"}, {'q', "quiet", "", "Suppress verbose output"}}, 1, 1, false,
                   push, Verb::Names::Images});
    all.push_back({"login", "", "[OPTIONS] [SERVER]", "Authenticate to a registry",
                   {{'p', "password", "string", "Password or Personal Access Token (PAT)"}, {0, "password-stdin", "", "Take the Password or Personal Access Token (PAT) from stdin"}, {'u', "username", "string", "Username"}}, 0, 1, false, login});
    all.push_back({"logout", "", "[SERVER]", "Log out from a registry", {}, 0, 1, false, logout});
}

} // namespace core::shell::docker
