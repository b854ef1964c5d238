// Sizes are installed sizes with dependencies on Debian 12 (apt-cache show, apt-get's "After this operation"), wheels of
// PyPI for CPython 3.12 on x86-64, and what an average project's caches come to; rounded.
#include "sim/container/docker/run_effects.h"

#include "sim/container/docker/dockerfile.h"
#include "sim/engine/letters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

namespace sim::container::docker {

namespace {

constexpr std::int64_t kMegabyte = 1'000'000;
// /var/lib/apt/lists after an update: bookworm main, updates, security.
constexpr std::int64_t kAptLists = 19'400'000;
constexpr std::int64_t kApkIndex = 2'900'000;
// Recommended packages are about a third of what comes without --no-install-recommends.
constexpr double kWithoutRecommends = 0.67;
// Wheels are zip archives; pip keeps them below ~/.cache/pip.
constexpr double kWheel = 0.38;
constexpr double kDownloadRate = 35e6; // from a site's package mirror, bytes per second

struct Sized {
    std::string_view name;
    double megabytes;
    std::string_view file; ///< the path that stands for it
};

constexpr std::array<Sized, 31> kDebian{{{"build-essential", 331, "/usr/bin/x86_64-linux-gnu-gcc-12"}, {"gcc", 185, "/usr/bin/x86_64-linux-gnu-gcc-12"},
    {"g++", 238, "/usr/bin/x86_64-linux-gnu-g++-12"}, {"make", 1.6, "/usr/bin/make"}, {"git", 104, "/usr/bin/git"}, {"curl", 9.4, "/usr/bin/curl"},
    {"wget", 3.6, "/usr/bin/wget"}, {"ca-certificates", 1.1, "/etc/ssl/certs/ca-certificates.crt"}, {"openssl", 2.4, "/usr/bin/openssl"},
    {"python3", 37, "/usr/bin/python3.11"}, {"python3-pip", 452, "/usr/bin/pip3"}, {"python3-dev", 74, "/usr/include/python3.11/Python.h"},
    {"nodejs", 187, "/usr/bin/node"}, {"npm", 410, "/usr/bin/npm"}, {"nginx", 8.1, "/usr/sbin/nginx"}, {"vim", 41, "/usr/bin/vim.basic"},
    {"nano", 2.8, "/usr/bin/nano"}, {"procps", 2.3, "/usr/bin/ps"}, {"iproute2", 3.4, "/usr/sbin/ip"}, {"iputils-ping", 0.3, "/usr/bin/ping"},
    {"dnsutils", 52, "/usr/bin/dig"}, {"netcat-openbsd", 0.1, "/usr/bin/nc.openbsd"}, {"libpq-dev", 19, "/usr/lib/x86_64-linux-gnu/libpq.a"},
    {"libpq5", 1.2, "/usr/lib/x86_64-linux-gnu/libpq.so.5"}, {"ffmpeg", 463, "/usr/bin/ffmpeg"}, {"libgl1", 118, "/usr/lib/x86_64-linux-gnu/libGL.so.1"},
    {"openjdk-17-jdk", 563, "/usr/lib/jvm/java-17-openjdk-amd64/lib/modules"}, {"openjdk-17-jre-headless", 196, "/usr/lib/jvm/java-17-openjdk-amd64/lib/modules"},
    {"maven", 128, "/usr/share/maven/lib/maven-core.jar"}, {"cmake", 96, "/usr/bin/cmake"}, {"tini", 0.1, "/usr/bin/tini"}}};
constexpr double kUnknownPackage = 6; // MB: the median of what people install

constexpr std::array<Sized, 17> kPython{{{"torch", 5230, "torch"}, {"tensorflow", 1780, "tensorflow"}, {"transformers", 118, "transformers"},
    {"numpy", 71, "numpy"}, {"pandas", 68, "pandas"}, {"scipy", 132, "scipy"}, {"scikit-learn", 48, "sklearn"}, {"opencv-python", 186, "cv2"},
    {"django", 46, "django"}, {"flask", 6.4, "flask"}, {"fastapi", 14, "fastapi"}, {"uvicorn", 2.6, "uvicorn"}, {"gunicorn", 1.4, "gunicorn"},
    {"requests", 3.9, "requests"}, {"psycopg2-binary", 9.7, "psycopg2"}, {"sqlalchemy", 17, "sqlalchemy"}, {"redis", 3.1, "redis"}}};
constexpr double kUnknownWheel = 3.5;

constexpr std::array<std::string_view, 32> kQuiet{"set", "export", "cd", "ls", "cat", "groupadd", "useradd", "adduser", "addgroup", "ln", "touch",
    "pwd", "sed", "date", "uname", "id", "test", "[", "sleep", "update-ca-certificates", "ldconfig", "usermod", "passwd", "sh", "bash", "env",
    "mkdir", "whoami", "true", ":", "corepack", "find"};

template <std::size_t N>
const Sized* sizeIn(const std::array<Sized, N>& table, std::string_view name)
{
    const auto found = std::find_if(table.begin(), table.end(), [&](const Sized& one) { return one.name == name; });
    return found == table.end() ? nullptr : &*found;
}

bool isFlag(const std::string& word) { return !word.empty() && word.front() == '-'; }

std::int64_t megabytes(double n) { return static_cast<std::int64_t>(n * static_cast<double>(kMegabyte)); }

struct ScriptPart {
    std::string text;
    std::string before; ///< "", "&&", ";", "||"
};

std::vector<ScriptPart> parts(const std::string& script)
{
    std::vector<ScriptPart> all(1);
    char quote = 0;
    for (std::size_t i = 0; i < script.size(); ++i) {
        const char c = script[i];
        if (quote != 0) {
            quote = c == quote ? 0 : quote;
            all.back().text += c;
        } else if (c == '"' || c == '\'') {
            quote = c;
            all.back().text += c;
        } else if (script.compare(i, 2, "&&") == 0 || script.compare(i, 2, "||") == 0) {
            all.push_back({"", script.substr(i, 2)});
            ++i;
        } else if (c == ';' || c == '\n') {
            all.push_back({"", ";"});
        } else {
            all.back().text += c;
        }
    }
    std::erase_if(all, [](const ScriptPart& part) { return part.text.find_first_not_of(" \t\r") == std::string::npos; });
    return all;
}

/// One script at work: the layer so far over what is below.
class Script {
public:
    explicit Script(const BuildState& state) : m_state(state), m_files(state.files), m_folder(state.workingDirectory) { }

    RunEffect run(const std::string& script)
    {
        for (const ScriptPart& part : parts(script)) {
            if ((part.before == "&&" && m_effect.exitCode != 0) || (part.before == "||" && m_effect.exitCode == 0))
                continue;
            m_effect.exitCode = command(part.text);
            if (m_effect.exitCode != 0 && m_stopsAtErrors)
                break;
        }
        for (auto& [path, file] : m_layer)
            m_effect.files.push_back(std::move(file));
        return std::move(m_effect);
    }

private:
    void add(const std::string& path, std::int64_t bytes, std::string content = {})
    {
        LayerFile file{.path = path, .bytes = bytes, .whiteout = false, .content = std::move(content)};
        m_files[path] = file;
        m_layer[path] = std::move(file);
    }
    void removeBelow(const std::string& target)
    {
        const bool all = !target.empty() && target.back() == '*';
        const std::string prefix = all ? target.substr(0, target.size() - 1) : target;
        std::vector<std::string> gone;
        for (const auto& [path, file] : m_files)
            if (all ? path.rfind(prefix, 0) == 0 : path == prefix || path.rfind(prefix + "/", 0) == 0)
                gone.push_back(path);
        for (const std::string& path : gone) {
            m_files.erase(path);
            m_layer.erase(path);
            if (m_state.files.count(path) > 0) // an earlier layer's: hidden, its bytes stay
                m_layer[path] = {.path = path, .whiteout = true};
        }
    }
    std::string absolute(const std::string& path) const
    {
        if (path.empty() || path.front() == '/')
            return path;
        if (path.front() == '~')
            return "/root" + path.substr(1);
        return (m_folder == "/" ? "" : m_folder) + "/" + (path.rfind("./", 0) == 0 ? path.substr(2) : path);
    }
    void download(std::int64_t bytes) { m_effect.took += fromSeconds(static_cast<double>(bytes) / kDownloadRate); }
    std::int64_t say(std::int64_t status, std::string line)
    {
        m_effect.output.push_back(std::move(line));
        return status;
    }

    std::int64_t aptGet(const std::vector<std::string>& words)
    {
        const auto verb = std::find_if(words.begin() + 1, words.end(), [](const std::string& w) { return !isFlag(w); });
        if (verb == words.end())
            return 0;
        if (m_state.user != "root" && m_state.user != "0")
            return say(100, "E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)");
        const bool lists = m_files.count("/var/lib/apt/lists/deb.lab_debian_dists_bookworm_main_binary-amd64_Packages.lz4") > 0;
        if (*verb == "update") {
            if (!m_state.network) {
                say(0, "Err:1 http://deb.lab/debian bookworm InRelease");
                say(0, "  Temporary failure resolving 'deb.lab'");
                return say(0, "W: Some index files failed to download. They have been ignored, or old ones used instead.");
            }
            say(0, "Get:1 http://deb.lab/debian bookworm InRelease [151 kB]");
            say(0, "Get:2 http://deb.lab/debian-security bookworm-security InRelease [48.0 kB]");
            say(0, "Fetched 9318 kB in 1s (6988 kB/s)");
            say(0, "Reading package lists...");
            add("/var/lib/apt/lists/deb.lab_debian_dists_bookworm_main_binary-amd64_Packages.lz4", kAptLists);
            m_effect.took += 1900ms;
            return 0;
        }
        if (*verb == "clean" || *verb == "autoclean")
            return 0; // Debian's image keeps no archives (docker-clean)
        if (*verb == "purge" || *verb == "remove" || *verb == "autoremove") {
            for (auto word = verb + 1; word != words.end(); ++word)
                if (const Sized* known = sizeIn(kDebian, *word))
                    removeBelow(std::string(known->file));
            m_effect.took += 700ms;
            return 0;
        }
        if (*verb != "install" && *verb != "upgrade" && *verb != "dist-upgrade")
            return say(100, fmt::format("E: Invalid operation {}", *verb));
        if (std::none_of(words.begin(), words.end(), [](const std::string& w) { return w == "-y" || w == "--yes" || w == "-qy" || w == "-yq" || w == "-qqy" || w == "--assume-yes"; }))
            return say(1, "Do you want to continue? [Y/n] Abort.");
        const bool fewer = std::find(words.begin(), words.end(), "--no-install-recommends") != words.end();
        double total = *verb == "install" ? 0 : 48;
        say(0, "Reading package lists...");
        say(0, "Building dependency tree...");
        for (auto word = verb + 1; word != words.end(); ++word) {
            if (isFlag(*word))
                continue;
            const std::string name = word->substr(0, word->find('='));
            if (!lists)
                return say(100, fmt::format("E: Unable to locate package {}", name));
            const Sized* known = sizeIn(kDebian, name);
            const double size = (known != nullptr ? known->megabytes : kUnknownPackage) * (fewer ? kWithoutRecommends : 1);
            add(known != nullptr ? std::string(known->file) : "/usr/lib/x86_64-linux-gnu/" + name, megabytes(size));
            total += size;
        }
        add("/var/lib/dpkg/status", 240'000); // rewritten as a whole
        download(megabytes(total * 0.27));
        m_effect.took += fromSeconds(0.8 + total / 90);
        say(0, fmt::format("After this operation, {:.0f} MB of additional disk space will be used.", std::max(1.0, total)));
        say(0, "Processing triggers for libc-bin (2.36-9+deb12u9) ...");
        return 0;
    }
    std::int64_t apk(const std::vector<std::string>& words)
    {
        const bool keepsIndex = std::find(words.begin(), words.end(), "--no-cache") == words.end();
        if (!m_state.network)
            return say(1, "WARNING: fetching https://dl-cdn.alpinelinux.org/alpine/v3.20/main: temporary error (try again later)");
        if (keepsIndex)
            add("/var/cache/apk/APKINDEX.tar.gz", kApkIndex);
        double total = 0;
        for (std::size_t i = 2; i < words.size(); ++i)
            if (!isFlag(words[i])) {
                const Sized* known = sizeIn(kDebian, words[i]);
                const double size = (known != nullptr ? known->megabytes : kUnknownPackage) * 0.45; // musl, busybox, split packages
                add("/usr/lib/apk/" + words[i], megabytes(size));
                total += size;
            }
        download(megabytes(total * 0.4));
        m_effect.took += 900ms;
        return say(0, fmt::format("OK: {:.0f} MiB in {} packages", 8 + total, 15 + words.size()));
    }
    std::int64_t pip(const std::vector<std::string>& words)
    {
        if (words.size() < 2 || words[1] != "install")
            return 0;
        const bool caches = std::none_of(words.begin(), words.end(), [](const std::string& w) { return w == "--no-cache-dir"; })
            && m_state.environment.count("PIP_NO_CACHE_DIR") == 0;
        const bool cpuOnly = std::any_of(words.begin(), words.end(), [](const std::string& w) { return w.find("/whl/cpu") != std::string::npos; });
        std::vector<std::string> wanted;
        for (std::size_t i = 2; i < words.size(); ++i) {
            if (words[i] == "-r" || words[i] == "--requirement") {
                const std::string path = i + 1 < words.size() ? words[++i] : std::string();
                const auto file = m_files.find(absolute(path));
                if (file == m_files.end())
                    return say(1, fmt::format("ERROR: Could not open requirements file: [Errno 2] No such file or directory: '{}'", path));
                for (const std::string& word : shellWords(file->second.content))
                    wanted.push_back(word);
            } else if (words[i] == "--index-url" || words[i] == "--extra-index-url" || words[i] == "-i") {
                ++i;
            } else if (!isFlag(words[i]) && words[i] != ".") {
                wanted.push_back(words[i]);
            }
        }
        if (!m_state.network && !wanted.empty())
            return say(1, fmt::format("ERROR: Could not find a version that satisfies the requirement {0} (from versions: none)", wanted.front()));
        double total = 0;
        std::string names;
        for (const std::string& one : wanted) {
            std::string name = one.substr(0, one.find_first_of("=<>~[;"));
            name = sim::lowered(name);
            if (name.empty() || name.front() == '#')
                continue;
            const Sized* known = sizeIn(kPython, name);
            const double size = known == nullptr ? kUnknownWheel : known->name == "torch" && cpuOnly ? 790 : known->megabytes;
            add(fmt::format("/usr/local/lib/python3.12/site-packages/{}", known != nullptr ? std::string(known->file) : name), megabytes(size));
            say(0, "Collecting " + one);
            names += " " + name;
            total += size;
        }
        if (caches && total > 0)
            add("/root/.cache/pip/http-v2", megabytes(total * kWheel));
        download(megabytes(total * kWheel));
        m_effect.took += fromSeconds(0.9 + total / 70);
        return say(0, "Successfully installed" + names);
    }
    std::int64_t npm(const std::vector<std::string>& words)
    {
        const std::string verb = words.size() > 1 ? words[1] : "";
        if (verb == "run" || verb == "run-script") {
            add(absolute("dist"), megabytes(4.2));
            m_effect.took += 9s;
            return 0;
        }
        if (verb == "cache")
            return removeBelow("/root/.npm"), 0;
        if (verb != "ci" && verb != "install" && verb != "i")
            return 0;
        const auto package = m_files.find(absolute("package.json"));
        if (package == m_files.end())
            return say(254, fmt::format("npm error enoent Could not read package.json: Error: ENOENT: no such file or directory, open '{}'", absolute("package.json")));
        if (verb == "ci" && m_files.count(absolute("package-lock.json")) == 0)
            return say(1, "npm error The `npm ci` command can only install with an existing package-lock.json or");
        if (!m_state.network)
            return say(1, "npm error network request to https://npm.lab/ failed, reason: getaddrinfo EAI_AGAIN npm.lab");
        // A dependency brings some ten others; together about 3 MB, those of development twice as many again.
        const auto count = [&](const char* key) {
            const auto at = package->second.content.find(key);
            if (at == std::string::npos)
                return 0.0;
            const auto end = package->second.content.find('}', at);
            return static_cast<double>(std::count(package->second.content.begin() + static_cast<std::ptrdiff_t>(at),
                                                  package->second.content.begin() + static_cast<std::ptrdiff_t>(std::min(end, package->second.content.size())), ':')) - 1;
        };
        const bool production = std::any_of(words.begin(), words.end(), [](const std::string& w) { return w == "--omit=dev" || w == "--production" || w == "--only=production"; });
        const double total = 3 * std::max(1.0, count("\"dependencies\"")) + (production ? 0 : 9 * count("\"devDependencies\""));
        add(absolute("node_modules"), megabytes(total));
        add("/root/.npm/_cacache", megabytes(total * 0.4));
        download(megabytes(total * 0.4));
        m_effect.took += fromSeconds(1.5 + total / 25);
        say(0, fmt::format("added {:.0f} packages in {:.0f}s", total * 3.2, 1.5 + total / 25));
        return say(0, "found 0 vulnerabilities");
    }
    std::int64_t go(const std::vector<std::string>& words)
    {
        const std::string verb = words.size() > 1 ? words[1] : "";
        if (m_files.count("/usr/local/go/bin/go") == 0)
            return say(127, "/bin/sh: 1: go: not found");
        const bool modules = m_files.count("/go/pkg/mod/cache/download") > 0;
        if (!modules && (verb == "mod" || verb == "build" || verb == "install" || verb == "test")) {
            if (m_files.count(absolute("go.mod")) == 0)
                return say(1, "go: go.mod file not found in current directory or any parent directory; see 'go help modules'");
            if (!m_state.network)
                return say(1, "go: dial tcp: lookup goproxy.lab: Temporary failure in name resolution");
            add("/go/pkg/mod/cache/download", megabytes(112));
            download(megabytes(40));
            m_effect.took += 3s;
        }
        if (verb == "build" || verb == "install") {
            std::string out = "app";
            bool stripped = false;
            for (std::size_t i = 2; i < words.size(); ++i) {
                if (words[i] == "-o" && i + 1 < words.size())
                    out = words[++i];
                stripped = stripped || words[i].find("-s") != std::string::npos;
            }
            add(absolute(out), megabytes(stripped ? 12.8 : 18.6), "\x7f" "ELF");
            add("/root/.cache/go-build", megabytes(164));
            m_effect.took += 21s;
        }
        return 0;
    }
    std::int64_t remove(const std::vector<std::string>& words)
    {
        for (std::size_t i = 1; i < words.size(); ++i)
            if (!isFlag(words[i]))
                removeBelow(absolute(words[i]));
        m_effect.took += 60ms;
        return 0;
    }
    /// A change of owner or mode copies the whole file up into the new layer.
    std::int64_t changeMode(const std::vector<std::string>& words)
    {
        const std::string target = words.size() > 2 ? absolute(words.back()) : std::string();
        std::vector<LayerFile> again;
        for (const auto& [path, file] : m_files)
            if (!target.empty() && (path == target || path.rfind(target + "/", 0) == 0))
                again.push_back(file);
        for (LayerFile& file : again)
            m_layer[file.path] = std::move(file);
        return 0;
    }
    std::int64_t fetchFile(const std::vector<std::string>& words)
    {
        std::string url;
        std::string out;
        for (std::size_t i = 1; i < words.size(); ++i) {
            if ((words[i] == "-o" || words[i] == "-O" || words[i] == "--output") && i + 1 < words.size() && words[i + 1].find("://") == std::string::npos)
                out = words[++i];
            else if (words[i].find("://") != std::string::npos)
                url = words[i];
        }
        if (url.empty())
            return 0;
        const bool curl = words.front() == "curl";
        if (m_files.count("/usr/bin/" + words.front()) == 0)
            return say(127, fmt::format("/bin/sh: 1: {}: not found", words.front()));
        const std::string host = url.substr(url.find("://") + 3, url.find('/', url.find("://") + 3) - url.find("://") - 3);
        if (!m_state.network)
            return say(curl ? 6 : 4, curl ? fmt::format("curl: (6) Could not resolve host: {}", host)
                                          : fmt::format("wget: unable to resolve host address '{}'", host));
        if (out.empty() && !curl)
            out = url.substr(url.rfind('/') + 1);
        constexpr double kDownloadMegabytes = 24; // a release archive
        if (!out.empty())
            add(absolute(out), megabytes(kDownloadMegabytes));
        download(megabytes(kDownloadMegabytes));
        return 0;
    }
    std::int64_t command(const std::string& text)
    {
        std::vector<std::string> words = shellWords(expandVariables(text, m_state.environment));
        while (!words.empty() && words.front().find('=') != std::string::npos && words.front().front() != '-' && words.front().find('/') > words.front().find('='))
            words.erase(words.begin());
        if (words.empty())
            return 0;
        m_effect.took += 30ms;
        std::string redirect;
        for (std::size_t i = 1; i + 1 < words.size(); ++i)
            if (words[i] == ">" || words[i] == ">>") {
                redirect = absolute(words[i + 1]);
                words.resize(i);
            }
        const std::string name = words.front().substr(words.front().rfind('/') + 1);
        if (name == "apt-get" || name == "apt")
            return aptGet(words);
        if (name == "apk")
            return apk(words);
        if (name == "pip" || name == "pip3")
            return pip(words);
        if ((name == "python" || name == "python3") && words.size() > 3 && words[1] == "-m" && words[2] == "pip")
            return pip({words.begin() + 2, words.end()});
        if (name == "npm" || name == "yarn" || name == "pnpm")
            return npm(words);
        if (name == "go")
            return go(words);
        if (name == "rm")
            return remove(words);
        if (name == "chown" || name == "chmod")
            return changeMode(words);
        if (name == "curl" || name == "wget")
            return fetchFile(words);
        if (name == "false")
            return 1;
        if (name == "exit")
            return words.size() > 1 ? std::atoll(words[1].c_str()) : 0;
        if (name == "echo" || name == "printf") {
            std::string line;
            for (std::size_t i = 1; i < words.size(); ++i)
                line += (i > 1 ? " " : "") + words[i];
            if (redirect.empty())
                say(0, line);
            else
                add(redirect, static_cast<std::int64_t>(line.size()) + 1, line + "\n");
            return 0;
        }
        if (name == "fallocate" || name == "truncate" || name == "dd") {
            std::int64_t bytes = 0;
            std::string out = words.back();
            std::int64_t block = 512;
            std::int64_t blocks = 0;
            const auto sized = [](const std::string& value) {
                const std::int64_t n = std::atoll(value.c_str());
                const char unit = value.empty() ? '0' : value.back();
                return n << (unit == 'K' || unit == 'k' ? 10 : unit == 'M' ? 20 : unit == 'G' ? 30 : 0);
            };
            for (std::size_t i = 1; i < words.size(); ++i) {
                if ((words[i] == "-l" || words[i] == "-s") && i + 1 < words.size())
                    bytes = sized(words[i + 1]);
                if (words[i].rfind("of=", 0) == 0)
                    out = words[i].substr(3);
                if (words[i].rfind("bs=", 0) == 0)
                    block = sized(words[i].substr(3));
                if (words[i].rfind("count=", 0) == 0)
                    blocks = std::atoll(words[i].c_str() + 6);
            }
            add(absolute(out), name == "dd" ? block * blocks : bytes);
            m_effect.took += fromSeconds(static_cast<double>(bytes + block * blocks) / 500e6);
            return 0;
        }
        if (name == "cp" || name == "mv") {
            if (words.size() < 3)
                return 1;
            const std::string from = absolute(words[words.size() - 2]);
            const std::string to = absolute(words.back());
            std::vector<LayerFile> moved;
            for (const auto& [path, file] : m_files)
                if (path == from || path.rfind(from + "/", 0) == 0)
                    moved.push_back(file);
            if (moved.empty())
                return say(1, fmt::format("{}: cannot stat '{}': No such file or directory", name, words[words.size() - 2]));
            for (const LayerFile& file : moved)
                add(to + file.path.substr(from.size()), file.bytes, file.content);
            if (name == "mv")
                removeBelow(from);
            return 0;
        }
        if (name == "tar" || name == "unzip") {
            for (std::size_t i = 1; i < words.size(); ++i)
                if (const auto archive = m_files.find(absolute(words[i])); archive != m_files.end())
                    add(absolute("unpacked"), archive->second.bytes * 3);
            return 0;
        }
        if (name == "make" || name == "cmake" || name == "cargo" || name == "mvn") {
            if (m_files.count("/usr/bin/" + name) == 0 && name != "cargo" && name != "mvn")
                return say(127, fmt::format("/bin/sh: 1: {}: not found", name));
            if (name == "mvn") {
                add("/root/.m2/repository", megabytes(184));
                add(absolute("target/app.jar"), megabytes(46));
                download(megabytes(184));
            } else {
                add(absolute(name == "cargo" ? "target/release/app" : "build/app"), megabytes(9));
                add(absolute(name == "cargo" ? "target/release/deps" : "build/objects"), megabytes(name == "cargo" ? 420 : 60));
            }
            m_effect.took += 24s;
            return 0;
        }
        if (name == "set")
            m_stopsAtErrors = m_stopsAtErrors || (words.size() > 1 && words[1].find('e') != std::string::npos);
        if (name == "cd" && words.size() > 1)
            m_folder = absolute(words[1]);
        if (std::find(kQuiet.begin(), kQuiet.end(), name) != kQuiet.end())
            return 0;
        if (m_files.count(absolute(words.front())) > 0 || m_files.count("/usr/bin/" + name) > 0 || m_files.count("/usr/local/bin/" + name) > 0)
            return 0;
        return say(127, fmt::format("/bin/sh: 1: {}: not found", words.front()));
    }

    const BuildState& m_state;
    std::map<std::string, LayerFile> m_files;
    std::map<std::string, LayerFile> m_layer;
    std::string m_folder;
    bool m_stopsAtErrors = false;
    RunEffect m_effect;
};

} // namespace

std::int64_t RunEffect::bytes() const
{
    std::int64_t sum = 0;
    for (const LayerFile& file : files)
        sum += file.bytes;
    return sum;
}

RunEffect runEffect(const std::string& script, const BuildState& state)
{
    constexpr Duration kContainerStart = 180ms;
    RunEffect effect = Script(state).run(script);
    effect.took += kContainerStart;
    return effect;
}

void applyLayer(std::map<std::string, LayerFile>& files, const std::vector<LayerFile>& layer)
{
    for (const LayerFile& file : layer) {
        if (file.whiteout)
            files.erase(file.path);
        else
            files[file.path] = file;
    }
}

} // namespace sim::container::docker
