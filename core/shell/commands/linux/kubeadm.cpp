#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "sim/engine/base64.h"
#include "sim/host/certificate.h"
#include "sim/host/paths.h"
#include "sim/programs/program.h"

#include <fmt/format.h>

// kubeadm v1.33: what it has for client certificates. The CA's key lies on the control plane's machines only.
namespace core::shell::node {

namespace {

constexpr const char* kCaKey = "/etc/kubernetes/pki/ca.key";
constexpr const char* kCaCertificate = "/etc/kubernetes/pki/ca.crt";

int kubeconfigUser(Invocation& inv)
{
    const std::string client = sim::programs::flagOf(inv.arguments, "--client-name").value_or("");
    if (client.empty()) {
        inv.err().write("required flag(s) \"client-name\" not set\nTo see the stack trace of this error execute with --v=5 or higher\n");
        return 1;
    }
    const auto& machine = machineOf(inv);
    const sim::host::File* ca = sim::host::findFile(machine, kCaCertificate);
    if (!isRoot(inv) || ca == nullptr || sim::host::findFile(machine, kCaKey) == nullptr) {
        inv.err().write(fmt::format("error execution phase: couldn't create a kubeconfig; the CA files couldn't be loaded: couldn't load the "
                                    "private key file: open {}: {}\nTo see the stack trace of this error execute with --v=5 or higher\n",
                                    kCaKey, isRoot(inv) ? "no such file or directory" : "permission denied"));
        return 1;
    }
    sim::Fingerprint serial;
    serial.add(client);
    serial.add(static_cast<std::uint64_t>(inv.now().time_since_epoch().count()));
    const sim::host::Certificate certificate{sim::programs::flagOf(inv.arguments, "--org").value_or(""), client, inv.now() - std::chrono::minutes(5),
                                             inv.now() + sim::host::kClientCertificateLife, serial.value() | 1};
    const std::string both = sim::host::clientPem(certificate);
    const std::size_t key = both.find("-----BEGIN EC PRIVATE KEY");
    inv.print(fmt::format("apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: {0}\n    server: https://api.lab:6443\n"
                          "  name: kubernetes\ncontexts:\n- context:\n    cluster: kubernetes\n    user: {1}\n  name: {1}@kubernetes\n"
                          "current-context: {1}@kubernetes\nkind: Config\npreferences: {{}}\nusers:\n- name: {1}\n  user:\n"
                          "    client-certificate-data: {2}\n    client-key-data: {3}\n",
                          sim::encodeBase64(ca->content), client, sim::encodeBase64(both.substr(0, key)), sim::encodeBase64(both.substr(key))));
    return 0;
}

int runKubeadm(Invocation& inv)
{
    const auto& words = inv.arguments;
    if (words.size() >= 2 && words[0] == "kubeconfig" && words[1] == "user")
        return kubeconfigUser(inv);
    if (!words.empty() && words[0] == "version") {
        inv.print("kubeadm version: &version.Info{Major:\"1\", Minor:\"33\", GitVersion:\"v1.33.1\", GitTreeState:\"clean\", "
                  "GoVersion:\"go1.24.2\", Compiler:\"gc\", Platform:\"linux/amd64\"}\n");
        return 0;
    }
    const std::string usage = "Usage:\n  kubeadm kubeconfig user --client-name NAME [--org ORGANIZATION]\n  kubeadm version\n";
    if (words.empty() || words[0] == "help" || words[0] == "--help" || words[0] == "-h") {
        inv.print(usage);
        return 0;
    }
    inv.err().write(fmt::format("unknown command \"{}\" for \"kubeadm\"\n{}", words[0], usage));
    return 1;
}

} // namespace

void addKubeadm(CommandTable& table)
{
    table.addRaw("kubeadm", "easily bootstrap a secure Kubernetes cluster", "kubeadm kubeconfig user --client-name NAME [--org ORGANIZATION]", runKubeadm);
}

} // namespace core::shell::node
