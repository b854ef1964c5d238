#include "core/shell/commands/kubectl/config_entries.h"
#include "core/shell/commands/kubectl/create.h"
#include "sim/engine/base64.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

namespace {

constexpr const char* kDockerConfigKey = ".dockerconfigjson";
constexpr const char* kDockerConfigType = "kubernetes.io/dockerconfigjson";
constexpr const char* kTlsType = "kubernetes.io/tls";

int runCreateConfigMap(Call& call)
{
    const auto name = oneName(call);
    const auto entries = name ? configEntries(call, name) : std::nullopt;
    if (!entries)
        return 1;
    const ResourceKind& kind = *findResource("configmaps");
    Json object = newObject(kind, *name);
    for (const auto& [key, bytes] : *entries) {
        if (isText(bytes))
            object["data"][key] = bytes;
        else
            object["binaryData"][key] = sim::encodeBase64(bytes);
    }
    return createObject(call, kind, std::move(object), "failed to create configmap: ");
}

int createSecret(Call& call, const std::string& name, const ConfigEntries& entries, const std::string& type)
{
    const ResourceKind& kind = *findResource("secrets");
    Json object = newObject(kind, name);
    for (const auto& [key, bytes] : entries)
        object["data"][key] = sim::encodeBase64(bytes);
    if (!type.empty())
        object["type"] = type;
    return createObject(call, kind, std::move(object), "failed to create secret ");
}

int runCreateSecretGeneric(Call& call)
{
    const auto name = oneName(call);
    const auto entries = name ? configEntries(call) : std::nullopt;
    return entries ? createSecret(call, *name, *entries, call.flags.text("type")) : 1;
}

/// The text of a Docker client's configuration file with one login.
std::string dockerConfig(const Call& call)
{
    const std::string user = call.flags.text("docker-username");
    const std::string password = call.flags.text("docker-password");
    // Ordered, because the real tool writes a struct's fields in their order, which `base64 -d` shows.
    nlohmann::ordered_json login;
    login["username"] = user;
    login["password"] = password;
    if (const std::string email = call.flags.text("docker-email"); !email.empty())
        login["email"] = email;
    login["auth"] = sim::encodeBase64(user + ":" + password);
    nlohmann::ordered_json config;
    config["auths"][call.flags.text("docker-server")] = std::move(login);
    return config.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

int runCreateSecretDockerRegistry(Call& call)
{
    const auto name = oneName(call);
    if (!name)
        return 1;
    if (call.flags.given("from-file")) {
        const auto entries = configEntries(call);
        return entries ? createSecret(call, *name, *entries, kDockerConfigType) : 1;
    }
    if (call.flags.text("docker-username").empty() || call.flags.text("docker-password").empty()
        || call.flags.text("docker-server").empty())
        return call.fail("either --from-file or the combination of --docker-username, --docker-password and "
                         "--docker-server is required");
    return createSecret(call, *name, {{kDockerConfigKey, dockerConfig(call)}}, kDockerConfigType);
}

/// The file of --cert or --key. Complains and returns nothing when there is none or it is no PEM text.
std::optional<std::string> pemFile(Call& call, const char* flag, const char* what)
{
    const std::string path = call.flags.text(flag);
    const ReadFile file = call.inv.system().readFile(call.inv.place(), call.inv.absolutePath(path));
    if (file.error != Errno::None) {
        call.fail(fmt::format("open {}: {}", path,
                              file.error == Errno::NoEntry ? "no such file or directory" : "permission denied"));
        return std::nullopt;
    }
    if (file.text.find("-----BEGIN ") == std::string::npos) {
        call.fail(fmt::format("tls: failed to find any PEM data in {} input", what));
        return std::nullopt;
    }
    return file.text;
}

int runCreateSecretTls(Call& call)
{
    const auto name = oneName(call);
    if (!name)
        return 1;
    if (call.flags.text("cert").empty() || call.flags.text("key").empty())
        return call.fail("key and cert must be specified");
    const auto certificate = pemFile(call, "cert", "certificate");
    const auto key = certificate ? pemFile(call, "key", "key") : std::nullopt;
    return key ? createSecret(call, *name, {{"tls.crt", *certificate}, {"tls.key", *key}}, kTlsType) : 1;
}

constexpr FlagSpec kFromFile{0, "from-file", FlagSpec::Type::List, "",
    "A file or directory, or KEY=FILE; the file's name is the key otherwise."};
constexpr FlagSpec kFromLiteral{0, "from-literal", FlagSpec::Type::List, "", "KEY=VALUE; may be given several times."};
constexpr FlagSpec kFromEnvFile{0, "from-env-file", FlagSpec::Type::List, "", "A file with lines of KEY=VALUE."};

} // namespace

Verb createConfigMapVerb()
{
    Verb verb{"configmap", {}, "Create a config map from a local file, directory or literal value",
              "NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]"};
    verb.flags = generatorFlags({kFromEnvFile, kFromFile, kFromLiteral});
    verb.run = runCreateConfigMap;
    verb.examples = {"# From a file and a value",
                     "kubectl create configmap web --from-file=nginx.conf --from-literal=level=info"};
    verb.aliases = {"cm"};
    return verb;
}

Verb createSecretVerb()
{
    using T = FlagSpec::Type;
    Verb registry{"docker-registry", {}, "Create a secret for use with a Docker registry",
                  "NAME --docker-username=user --docker-password=password --docker-email=email "
                  "[--docker-server=string] [--from-file=file] [--dry-run=server|client|none]"};
    registry.flags = generatorFlags({{0, "docker-email", T::Text, "", "The account's mail address."},
                                     {0, "docker-password", T::Text, "", "The password to log in with."},
                                     {0, "docker-server", T::Text, "https://index.docker.io/v1/", "The registry."},
                                     {0, "docker-username", T::Text, "", "The user to log in as."}, kFromFile});
    registry.run = runCreateSecretDockerRegistry;
    registry.examples = {"# What a pod needs to pull from a private registry",
                         "kubectl create secret docker-registry pull --docker-server=registry.lab:5000 "
                         "--docker-username=robot --docker-password=..."};
    Verb generic{"generic", {}, "Create a secret from a local file, directory, or literal value",
                 "NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] "
                 "[--dry-run=server|client|none]"};
    generic.flags = generatorFlags(
        {kFromEnvFile, kFromFile, kFromLiteral, {0, "type", T::Text, "", "The type of the secret; empty: Opaque."}});
    generic.run = runCreateSecretGeneric;
    generic.examples = {"# From a value", "kubectl create secret generic db --from-literal=password=..."};
    Verb tls{"tls", {}, "Create a TLS secret", "NAME --cert=path/to/cert/file --key=path/to/key/file "
                                               "[--dry-run=server|client|none]"};
    tls.flags = generatorFlags({{0, "cert", T::Text, "", "File with the certificate, PEM."},
                                {0, "key", T::Text, "", "File with its private key, PEM."}});
    tls.run = runCreateSecretTls;
    tls.examples = {"# A certificate for an ingress", "kubectl create secret tls shop --cert=tls.crt --key=tls.key"};
    Verb verb{"secret", {}, "Create a secret using a specified subcommand", "(docker-registry | generic | tls)"};
    verb.subverbs = {std::move(registry), std::move(generic), std::move(tls)};
    return verb;
}

} // namespace core::shell::kubectl
