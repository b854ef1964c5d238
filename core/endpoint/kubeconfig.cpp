#include "core/endpoint/kubeconfig.h"

#include "sim/engine/base64.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

namespace core::endpoint {

std::string kubeconfigText(const std::string& url, const std::string& authority, const std::vector<Credential>& credentials)
{
    std::string text = fmt::format("apiVersion: v1\nkind: Config\npreferences: {{}}\nclusters:\n- name: faultline\n  cluster:\n    server: {}\n"
                                   "    certificate-authority-data: {}\nusers:\n", url, sim::encodeBase64(authority));
    for (const Credential& one : credentials) {
        text += fmt::format("- name: {}\n  user:\n    client-certificate-data: {}\n    client-key-data: {}\n", one.identity.user,
                            sim::encodeBase64(one.certificate.certificate), sim::encodeBase64(one.certificate.key));
        text += fmt::format("- name: {}-token\n  user:\n    token: {}\n", one.identity.user, one.token);
    }
    text += "contexts:\n";
    for (const Credential& one : credentials)
        for (const char* suffix : {"", "-token"})
            text += fmt::format("- name: {0}{1}@faultline\n  context:\n    cluster: faultline\n    user: {0}{1}\n", one.identity.user, suffix);
    if (!credentials.empty())
        text += fmt::format("current-context: {}@faultline\n", credentials.front().identity.user);
    return text;
}

sim::Result<sim::Done> writePrivateFile(const std::string& path, const std::string& text)
{
    std::error_code ignored;
    if (const auto folder = std::filesystem::path(path).parent_path(); !folder.empty())
        std::filesystem::create_directories(folder, ignored);
    // Written beside and renamed: nobody reads half a file, and the keys are never open to others.
    const std::string part = path + ".part";
    ::unlink(part.c_str());
    const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return sim::Error{std::string("the kubeconfig cannot be written (") + std::strerror(errno) + "); name another place with --kubeconfig", path};
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t written = ::write(file, text.data() + done, text.size() - done);
        if (written <= 0)
            break;
        done += static_cast<std::size_t>(written);
    }
    ::close(file);
    if (done < text.size() || std::rename(part.c_str(), path.c_str()) != 0) {
        ::unlink(part.c_str());
        return sim::Error{"the kubeconfig could not be written; check free space and permissions of the folder", path};
    }
    return sim::Done{};
}

} // namespace core::endpoint
