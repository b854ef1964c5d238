// BuildKit's way with a Dockerfile: the stages that the target needs, a cache key for each step from its parent's, its text and
// the contents of the files it copies.
#include "sim/container/docker/build.h"

#include "sim/container/docker/daemon.h"
#include "sim/container/docker/dockerfile.h"
#include "sim/container/docker/run_effects.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace sim::container::docker {

namespace {

constexpr double kLayerCompression = 0.4;
constexpr double kCopyRate = 400e6;  // bytes per second, context to layer
constexpr double kSendRate = 220e6;  // client to daemon

/// go-units' HumanSize as BuildKit prints it: "2.41kB".
std::string bytesText(std::int64_t bytes)
{
    double value = static_cast<double>(bytes);
    constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    while (value >= 1000 && unit + 1 < std::size(kUnits)) {
        value /= 1000;
        ++unit;
    }
    return unit == 0 ? fmt::format("{}B", bytes) : fmt::format("{:.2f}{}", value, kUnits[unit]);
}

std::string jsonWords(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : " ") + nlohmann::json(word).dump();
    return "[" + text + "]";
}

struct StageResult {
    std::vector<Layer> layers;
    ImageConfig config;
    programs::Program program;
    std::vector<BuildStep> history;
    std::vector<Vulnerability> vulnerabilities;
    BuildState state;
    std::string key;             ///< of the cache
    std::string below;           ///< what the next layer lies on: a key of the cache, or the base's chain id
    bool fresh = false;          ///< a step of it was not in the cache
};

class Planner {
public:
    Planner(const Docker& docker, const host::Hosts& hosts, Instant now, const BuildOrder& order)
        : m_docker(docker), m_hosts(hosts), m_now(now), m_order(order)
    {
    }

    BuildPlan plan()
    {
        const std::string path = m_order.dockerfile.empty() ? m_order.context + "/Dockerfile" : m_order.dockerfile;
        m_plan.dockerfileName = path.rfind(m_order.context + "/", 0) == 0 ? path.substr(m_order.context.size() + 1) : path;
        const auto file = m_hosts.read(m_docker.host, path, m_now);
        BuildVertex& definition = vertex("[internal] load build definition from " + m_plan.dockerfileName);
        if (!file) {
            definition.notes.push_back("transferring dockerfile: 2B done");
            m_plan.parseError = fmt::format("failed to read dockerfile: open {}: no such file or directory", m_plan.dockerfileName);
            return std::move(m_plan);
        }
        definition.notes.push_back(fmt::format("transferring dockerfile: {} done", bytesText(static_cast<std::int64_t>(file->content.size()) + 32)));
        auto parsed = parseDockerfile(file->content);
        if (const auto* error = std::get_if<DockerfileError>(&parsed)) {
            m_plan.parseError = error->text;
            m_plan.errorLine = m_plan.errorLastLine = error->line;
            for (std::string_view rest = file->content; !rest.empty();) {
                const auto end = rest.find('\n');
                m_plan.dockerfileLines.emplace_back(rest.substr(0, end));
                rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
            }
            return std::move(m_plan);
        }
        m_file = std::get<Dockerfile>(std::move(parsed));
        m_plan.dockerfileLines = m_file.lines;
        for (const Instruction& argument : m_file.arguments) {
            const auto equals = argument.text.find('=');
            const std::string name = argument.text.substr(0, equals);
            const auto given = m_order.arguments.find(name);
            m_globals[name] = given != m_order.arguments.end() ? given->second
                : equals == std::string::npos                ? std::string()
                                                             : shellWords(argument.text.substr(equals + 1)).empty() ? std::string() : shellWords(argument.text.substr(equals + 1)).front();
        }
        std::size_t target = m_file.stages.size() - 1;
        if (!m_order.target.empty()) {
            const auto found = stageNamed(m_order.target);
            if (!found) {
                m_plan.parseError = fmt::format("target stage \"{}\" could not be found", m_order.target);
                return std::move(m_plan);
            }
            target = *found;
        }
        need(target);
        for (const std::size_t i : m_needed)
            if (const std::string base = expandVariables(m_file.stages[i].base, m_globals); base != "scratch" && !stageBefore(base, i)) {
                if (base.empty()) {
                    m_plan.parseError = fmt::format("base name ({}) should not be blank", m_file.stages[i].base);
                    return std::move(m_plan);
                }
                const auto reference = Reference::parse(base);
                const std::string shown = reference ? reference->text() : base;
                if (m_loaded.insert(shown).second)
                    vertex("[internal] load metadata for " + shown).took = 20ms;
                if (imageOf(base) == nullptr)
                    m_plan.missingBases.push_back(base);
            }
        BuildVertex& ignore = vertex("[internal] load .dockerignore");
        const auto patterns = m_hosts.read(m_docker.host, m_order.context + "/.dockerignore", m_now);
        ignore.notes.push_back(fmt::format("transferring context: {} done", patterns ? bytesText(static_cast<std::int64_t>(patterns->content.size()) + 32) : "2B"));
        if (patterns)
            m_patterns = ignorePatterns(patterns->content);
        if (!m_plan.missingBases.empty())
            return std::move(m_plan);
        readContext();
        for (const std::size_t i : m_needed)
            if (!buildStage(i))
                return std::move(m_plan);
        finish(m_results.at(target));
        return std::move(m_plan);
    }

private:
    BuildVertex& vertex(std::string title)
    {
        m_plan.vertices.push_back({});
        m_plan.vertices.back().title = std::move(title);
        return m_plan.vertices.back();
    }
    std::optional<std::size_t> stageNamed(const std::string& name) const
    {
        for (std::size_t i = 0; i < m_file.stages.size(); ++i)
            if (m_file.stages[i].name == name || std::to_string(i) == name)
                return i;
        return std::nullopt;
    }
    std::optional<std::size_t> stageBefore(const std::string& name, std::size_t before) const
    {
        const auto found = stageNamed(name);
        return found && *found < before && (m_file.stages[*found].name == name) ? found : std::nullopt;
    }
    /// Stages in the order of the file: BuildKit leaves out what the target does not need.
    void need(std::size_t stage)
    {
        if (m_needed.count(stage) > 0)
            return;
        if (const auto base = stageBefore(expandVariables(m_file.stages[stage].base, m_globals), stage))
            need(*base);
        for (const Instruction& one : m_file.stages[stage].instructions)
            if (const auto from = one.flags.find("from"); from != one.flags.end())
                if (const auto other = stageNamed(from->second); other && *other < stage)
                    need(*other);
        m_needed.insert(stage);
    }
    const StoredImage* imageOf(const std::string& name) const
    {
        const auto reference = Reference::parse(name);
        if (!reference)
            return nullptr;
        for (const auto& [id, image] : m_docker.images) {
            if (image.references.count(reference->text()) > 0)
                return &image;
            const auto digest = image.digests.find(reference->registry + "/" + reference->repository);
            if (!reference->digest.empty() && digest != image.digests.end() && digest->second == reference->digest)
                return &image;
        }
        return nullptr;
    }
    void readContext()
    {
        const auto& files = m_hosts.at(m_docker.host).files;
        const std::string prefix = m_order.context == "/" ? "/" : m_order.context + "/";
        for (auto it = files.lower_bound(prefix); it != files.end() && it->first.rfind(prefix, 0) == 0; ++it) {
            const std::string path = it->first.substr(prefix.size());
            if (it->second->type != host::File::Type::Regular || ignored(m_patterns, path))
                continue;
            m_context["/" + path] = {.path = "/" + path,
                                     .bytes = std::max(it->second->size, static_cast<std::int64_t>(it->second->content.size())),
                                     .content = it->second->content};
        }
    }

    bool fail(const Instruction& one, std::string error)
    {
        m_plan.vertices.back().error = std::move(error);
        m_plan.errorLine = one.line;
        m_plan.errorLastLine = one.lastLine;
        return false;
    }

    static bool changesFiles(const Instruction& one)
    {
        return one.keyword == "RUN" || one.keyword == "COPY" || one.keyword == "ADD" || one.keyword == "WORKDIR";
    }

    bool buildStage(std::size_t index)
    {
        const Stage& stage = m_file.stages[index];
        StageResult result;
        const std::string base = expandVariables(stage.base, m_globals);
        const auto steps = 1 + std::count_if(stage.instructions.begin(), stage.instructions.end(), changesFiles);
        const bool single = m_file.stages.size() == 1;
        const std::string name = !stage.name.empty() ? stage.name : fmt::format("stage-{}", index);
        std::int64_t number = 1;
        const auto title = [&](const std::string& text) {
            return fmt::format("[{}{}/{}] {}", single ? "" : name + " ", number, steps, text);
        };
        if (const auto earlier = stageBefore(base, index)) {
            result = m_results.at(*earlier);
        } else if (base != "scratch") {
            const StoredImage& from = *imageOf(base);
            result.layers = from.image->layers;
            result.config = defaultsOf(*from.image);
            result.program = from.image->program;
            result.history = from.image->history;
            if (result.history.empty())
                for (const Layer& layer : from.image->layers)
                    result.history.push_back({.created = from.image->created, .createdBy = fmt::format("/bin/sh -c #(nop) ADD file:{} in / ", layer.digest.substr(7, 64))});
            result.vulnerabilities = from.image->vulnerabilities;
            for (const Layer& layer : result.layers)
                applyLayer(result.state.files, layer.files);
            result.key = result.below = from.chain.empty() ? std::string() : from.chain.back();
            BuildVertex& first = vertex(title("FROM " + Reference::parse(base)->text()));
            first.cached = true;
            result.state.user = result.config.user.empty() ? "root" : result.config.user;
            result.state.workingDirectory = result.config.workingDirectory.empty() ? "/" : result.config.workingDirectory;
            for (const std::string& one : result.config.environment)
                result.state.environment[one.substr(0, one.find('='))] = one.substr(one.find('=') + 1);
        }
        if (result.config.environment.empty())
            result.config.environment.emplace_back("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        result.state.network = m_order.network;
        std::map<std::string, std::string> arguments;
        for (const Instruction& one : stage.instructions) {
            if (changesFiles(one))
                ++number;
            if (!step(result, one, arguments, title, name, index))
                return false;
        }
        m_results[index] = std::move(result);
        return true;
    }

    /// Adds a layer, from the cache where its key is known.
    template <class Make>
    bool layer(StageResult& result, const Instruction& one, const std::string& title, const std::string& keyText, std::string createdBy, Make make)
    {
        const std::string key = digestOf(result.key + "\n" + keyText);
        const std::string parent = std::exchange(result.below, key);
        result.key = key;
        const auto known = m_docker.cache.find(key);
        BuildVertex& done = vertex(title);
        KeepCache keep{.key = key, .parent = parent, .type = "regular", .description = title};
        BuildStep history{.created = m_now, .createdBy = std::move(createdBy), .comment = "buildkit.dockerfile.v0"};
        if (known != m_docker.cache.end() && !m_order.noCache) {
            done.cached = true;
            keep.hit = true;
            done.keeps.push_back(keep);
            history.created = known->second.created;
            if (known->second.layer) {
                result.layers.push_back(*known->second.layer);
                applyLayer(result.state.files, known->second.layer->files);
            } else {
                history.emptyLayer = true;
            }
            result.history.push_back(std::move(history));
            return true;
        }
        result.fresh = true;
        const RunEffect effect = make();
        done.took = effect.took;
        done.lines = effect.output;
        if (effect.exitCode != 0)
            return fail(one, fmt::format("process \"/bin/sh -c {}\" did not complete successfully: exit code: {}", one.text, effect.exitCode));
        auto made = std::make_shared<Layer>();
        made->files = effect.files;
        made->bytes = effect.bytes();
        made->compressedBytes = static_cast<std::int64_t>(static_cast<double>(made->bytes) * kLayerCompression);
        made->digest = digestOf(key + std::to_string(made->bytes));
        keep.layer = made;
        keep.bytes = made->bytes;
        done.keeps.push_back(keep);
        result.layers.push_back(*made);
        applyLayer(result.state.files, made->files);
        result.history.push_back(std::move(history));
        return true;
    }

    /// An instruction that changes only the config.
    void settle(StageResult& result, const std::string& text)
    {
        result.key = digestOf(result.key + "\n" + text);
        result.history.push_back({.created = m_now, .createdBy = text, .comment = "buildkit.dockerfile.v0", .emptyLayer = true});
    }

    template <class Title>
    bool step(StageResult& result, const Instruction& one, std::map<std::string, std::string>& arguments, Title title, const std::string& stageName, std::size_t index)
    {
        std::map<std::string, std::string> variables = result.state.environment;
        for (const auto& [name, value] : arguments)
            variables.emplace(name, value);
        const std::string text = expandVariables(one.text, variables);
        if (one.keyword == "RUN") {
            std::string script = one.text;
            if (!one.exec.empty()) {
                script.clear();
                for (const std::string& word : one.exec)
                    script += (script.empty() ? "" : " ") + word;
            }
            std::string given;
            for (const auto& [name, value] : arguments)
                given += fmt::format("|{}={}", name, value);
            return layer(result, one, title("RUN " + one.text), "RUN " + one.text + given,
                         fmt::format("RUN {}{} # buildkit", one.exec.empty() ? "/bin/sh -c " : "", one.exec.empty() ? one.text : jsonWords(one.exec)), [&] {
                             BuildState state = result.state;
                             for (const auto& [name, value] : arguments)
                                 state.environment.emplace(name, value);
                             RunEffect effect = runEffect(script, state);
                             // --mount=type=cache keeps a folder outside the layer
                             if (const auto mount = one.flags.find("mount"); mount != one.flags.end() && mount->second.find("type=cache") != std::string::npos)
                                 if (const auto at = mount->second.find("target="); at != std::string::npos) {
                                     const std::string folder = mount->second.substr(at + 7, mount->second.find(',', at) - at - 7);
                                     std::erase_if(effect.files, [&](const LayerFile& file) { return file.path.rfind(folder, 0) == 0; });
                                 }
                             return effect;
                         });
        }
        if (one.keyword == "COPY" || one.keyword == "ADD")
            return copy(result, one, text, title, index);
        if (one.keyword == "WORKDIR") {
            result.state.workingDirectory = text.front() == '/' ? text : (result.state.workingDirectory == "/" ? "" : result.state.workingDirectory) + "/" + text;
            result.config.workingDirectory = result.state.workingDirectory;
            return layer(result, one, title("WORKDIR " + text), "WORKDIR " + text, "WORKDIR " + text, [&] {
                RunEffect effect;
                effect.took = 40ms;
                return effect;
            });
        }
        if (one.keyword == "ARG") {
            const auto equals = one.text.find('=');
            const std::string name = one.text.substr(0, equals);
            const auto given = m_order.arguments.find(name);
            const auto global = m_globals.find(name);
            if (given != m_order.arguments.end())
                arguments[name] = given->second;
            else if (equals != std::string::npos)
                arguments[name] = shellWords(text.substr(text.find('=') + 1)).empty() ? std::string() : shellWords(text.substr(text.find('=') + 1)).front();
            else if (global != m_globals.end())
                arguments[name] = global->second;
            settle(result, "ARG " + one.text);
        } else if (one.keyword == "ENV" || one.keyword == "LABEL") {
            const auto words = shellWords(text);
            std::map<std::string, std::string> pairs;
            if (!words.empty() && words.front().find('=') == std::string::npos)
                pairs[words.front()] = text.substr(std::min(text.size(), text.find_first_of(" \t") + 1));
            else
                for (const std::string& word : words)
                    pairs[word.substr(0, word.find('='))] = word.find('=') == std::string::npos ? std::string() : word.substr(word.find('=') + 1);
            for (const auto& [name, value] : pairs) {
                if (one.keyword == "LABEL") {
                    result.config.labels[name] = value;
                    continue;
                }
                std::erase_if(result.config.environment, [&](const std::string& kept) { return kept.rfind(name + "=", 0) == 0; });
                result.config.environment.push_back(name + "=" + value);
                result.state.environment[name] = value;
            }
            settle(result, one.keyword + " " + text);
        } else if (one.keyword == "EXPOSE") {
            std::string map;
            for (const std::string& word : shellWords(text)) {
                const std::string port = word.find('/') == std::string::npos ? word + "/tcp" : word;
                if (std::find(result.config.exposed.begin(), result.config.exposed.end(), port) == result.config.exposed.end())
                    result.config.exposed.push_back(port);
                map += (map.empty() ? "" : " ") + port + ":{}";
            }
            settle(result, fmt::format("EXPOSE map[{}]", map));
        } else if (one.keyword == "USER") {
            result.config.user = result.state.user = text;
            settle(result, "USER " + text);
        } else if (one.keyword == "ENTRYPOINT" || one.keyword == "CMD") {
            const std::vector<std::string> words = !one.exec.empty() ? one.exec
                : one.text.empty() || one.text == "[]"              ? std::vector<std::string>{}
                                                                     : std::vector<std::string>{"/bin/sh", "-c", one.text};
            (one.keyword == "CMD" ? result.config.command : result.config.entrypoint) = words;
            if (one.keyword == "ENTRYPOINT")
                result.config.command.clear(); // an inherited CMD belongs to the inherited entry point
            settle(result, one.keyword + " " + jsonWords(words));
        } else if (one.keyword == "VOLUME") {
            const auto words = !one.exec.empty() ? one.exec : shellWords(text);
            result.config.volumes.insert(result.config.volumes.end(), words.begin(), words.end());
            settle(result, "VOLUME " + jsonWords(words));
        } else if (one.keyword == "HEALTHCHECK") {
            HealthCheck check;
            const auto seconds = [&](const char* flag, Duration fallback) {
                const auto value = one.flags.find(flag);
                if (value == one.flags.end())
                    return fallback;
                const double n = std::strtod(value->second.c_str(), nullptr);
                return fromSeconds(n * (value->second.ends_with("ms") ? 1e-3 : value->second.ends_with("m") ? 60 : value->second.ends_with("h") ? 3600 : 1));
            };
            check.interval = seconds("interval", 30s);
            check.timeout = seconds("timeout", 30s);
            check.startPeriod = seconds("start-period", 0s);
            if (const auto retries = one.flags.find("retries"); retries != one.flags.end())
                check.retries = std::atoll(retries->second.c_str());
            if (text == "NONE") {
                check.test = {"NONE"};
            } else if (text.rfind("CMD", 0) == 0) {
                const std::string rest = text.substr(std::min(text.size(), text.find_first_not_of(" \t", 3)));
                const auto list = nlohmann::json::parse(rest, nullptr, false);
                if (list.is_array()) {
                    check.test = list.get<std::vector<std::string>>();
                    check.test.insert(check.test.begin(), "CMD");
                } else {
                    check.test = {"CMD-SHELL", rest};
                }
            }
            result.config.health = check;
            settle(result, fmt::format("HEALTHCHECK &{{{} \"{}s\" \"{}s\" \"{}s\" \"0s\" '\\x{:02x}'}}", jsonWords(check.test), check.interval / Duration(1s),
                                       check.timeout / Duration(1s), check.startPeriod / Duration(1s), check.retries));
        } else {
            settle(result, one.keyword + " " + text);
        }
        (void)stageName;
        return true;
    }

    template <class Title>
    bool copy(StageResult& result, const Instruction& one, const std::string& text, Title title, std::size_t index)
    {
        std::vector<std::string> words = !one.exec.empty() ? one.exec : shellWords(text);
        std::string target = words.back();
        words.pop_back();
        const bool folder = words.size() > 1 || target.back() == '/' || target == "." || target == "./";
        if (target == "." || target == "./")
            target = result.state.workingDirectory;
        else if (target.front() != '/')
            target = (result.state.workingDirectory == "/" ? "" : result.state.workingDirectory) + "/" + (target.rfind("./", 0) == 0 ? target.substr(2) : target);
        while (target.size() > 1 && target.back() == '/')
            target.pop_back();
        const auto from = one.flags.find("from");
        std::map<std::string, LayerFile> foreign;
        const std::map<std::string, LayerFile>* source = &m_context;
        if (from != one.flags.end()) {
            if (const auto stage = stageNamed(from->second); stage && *stage < index) {
                source = &m_results.at(*stage).state.files;
            } else if (const StoredImage* image = imageOf(from->second)) {
                for (const Layer& layer : image->image->layers)
                    applyLayer(foreign, layer.files);
                source = &foreign;
            } else {
                vertex(title(one.keyword + " " + one.text));
                return fail(one, fmt::format("{}: failed to resolve source metadata for docker.io/library/{}:latest: pull access denied, repository does "
                                             "not exist or may require authorization", from->second, from->second));
            }
        } else if (!m_sent) {
            m_sent = true;
            std::int64_t bytes = 0;
            for (const auto& [path, file] : m_context)
                bytes += file.bytes;
            BuildVertex& sent = vertex("[internal] load build context");
            sent.notes.push_back(fmt::format("transferring context: {} done", bytesText(bytes + static_cast<std::int64_t>(m_context.size()) * 34)));
            sent.took = fromSeconds(static_cast<double>(bytes) / kSendRate);
            sent.keeps.push_back({.key = digestOf("context " + m_order.context), .type = "source.local", .description = "local source for context", .bytes = bytes});
        }
        std::vector<LayerFile> files;
        for (const std::string& word : words) {
            std::string path = word == "." || word == "./" ? "/" : word.front() == '/' ? word : "/" + (word.rfind("./", 0) == 0 ? word.substr(2) : word);
            while (path.size() > 1 && path.back() == '/')
                path.pop_back();
            const auto star = path.find('*');
            bool any = false;
            for (const auto& [at, file] : *source) {
                std::string rest;
                if (star != std::string::npos) {
                    const std::string tail = path.substr(star + 1);
                    if (at.rfind(path.substr(0, star), 0) != 0 || at.size() < star + tail.size() || at.compare(at.size() - tail.size(), tail.size(), tail) != 0
                        || at.find('/', star) != std::string::npos)
                        continue;
                    rest = "/" + at.substr(at.rfind('/') + 1);
                } else if (at == path) {
                    rest = folder || result.state.files.count(target + "/") > 0 ? "/" + at.substr(at.rfind('/') + 1) : std::string();
                } else if (path == "/" || at.rfind(path + "/", 0) == 0) {
                    rest = at.substr(path == "/" ? 0 : path.size());
                } else {
                    continue;
                }
                any = true;
                files.push_back({.path = (target == "/" ? "" : target) + rest, .bytes = file.bytes, .content = file.content});
            }
            if (!any && (path != "/" || source != &m_context)) {
                vertex(title(one.keyword + " " + one.text));
                return fail(one, fmt::format("failed to compute cache key: failed to calculate checksum of ref {}::{}: \"{}\": not found",
                                             digestOf(m_order.context).substr(7, 25), digestOf(one.text).substr(7, 25), path));
            }
        }
        std::string contents;
        std::int64_t bytes = 0;
        for (const LayerFile& file : files) {
            contents += fmt::format("{} {} {}\n", file.path, file.bytes, fingerprintOf(file.content));
            bytes += file.bytes;
        }
        const std::string flags = from == one.flags.end() ? std::string() : "--from=" + from->second + " ";
        const std::string shown = one.keyword + " " + flags + one.text;
        return layer(result, one, title(shown), shown + "\n" + contents, fmt::format("{} {} # buildkit", one.keyword, one.text), [&] {
            RunEffect effect;
            effect.files = files;
            effect.took = 30ms + fromSeconds(static_cast<double>(bytes) / kCopyRate);
            return effect;
        });
    }

    /// What runs when somebody starts the image: the base's program if it is still its command, else one made from what the
    /// image says of itself.
    programs::Program programOf(const StageResult& result) const
    {
        std::vector<std::string> words = result.config.entrypoint;
        words.insert(words.end(), result.config.command.begin(), result.config.command.end());
        if (words.empty() || words == result.program.command || (!result.program.command.empty() && words.front() == result.program.command.front()))
            return result.program;
        if (words.size() > 2 && words[0] == "/bin/sh" && words[1] == "-c")
            words = shellWords(words[2]);
        programs::Program program;
        if (words.empty())
            return program;
        const std::string& first = words.front();
        program.name = first.substr(first.rfind('/') + 1);
        const bool path = first.find('/') != std::string::npos;
        const std::string full = first.front() == '/' ? first : (result.state.workingDirectory == "/" ? "" : result.state.workingDirectory) + "/" + (first.rfind("./", 0) == 0 ? first.substr(2) : first);
        const bool there = !path || result.state.files.count(full) > 0;
        std::string script; // an interpreter without its script ends at once
        for (const std::string& word : words)
            if (word.ends_with(".py") || word.ends_with(".js") || word.ends_with(".jar"))
                script = word.front() == '/' ? word : (result.state.workingDirectory == "/" ? "" : result.state.workingDirectory) + "/" + word;
        if (there && (script.empty() || result.state.files.count(script) > 0))
            program.command = words;
        struct Kind {
            std::string_view name;
            std::int64_t megabytes;
            Duration startup;
        };
        // Resident size and start of a small service on each runtime.
        static constexpr Kind kKinds[] = {{"java", 340, 5s}, {"node", 92, 900ms}, {"python", 64, 700ms}, {"python3", 64, 700ms}, {"gunicorn", 118, 1200ms},
                                          {"uvicorn", 84, 1100ms}, {"flask", 66, 800ms}, {"nginx", 9, 200ms}};
        program.memoryBytes = 24 << 20;
        program.startup = 300ms;
        for (const Kind& kind : kKinds)
            if (program.name == kind.name) {
                program.memoryBytes = kind.megabytes << 20;
                program.startup = kind.startup;
            }
        if (!result.config.exposed.empty())
            program.port = std::atoll(result.config.exposed.front().c_str());
        program.user = result.config.user.empty() ? "root" : result.config.user;
        program.idleCores = 0.004;
        program.coresPerRequest = 0.002;
        program.requestsPerSecond = program.port > 0 ? 120 : 0;
        program.serviceTime = 6ms;
        if (result.config.health && !result.config.health->test.empty()) {
            const std::string& test = result.config.health->test.back();
            if (const auto at = test.find("://"); at != std::string::npos)
                if (const auto slash = test.find('/', at + 3); slash != std::string::npos)
                    program.readyPath = test.substr(slash, test.find_first_of(" \"'", slash) - slash);
        }
        if (program.port > 0)
            program.startLog = {fmt::format("{} listening on :{}", program.name, program.port)};
        return program;
    }

    void finish(const StageResult& result)
    {
        auto image = std::make_shared<Image>();
        image->layers = result.layers;
        image->config = result.config;
        image->history = result.history;
        image->vulnerabilities = result.vulnerabilities;
        image->program = programOf(result);
        image->created = m_now;
        if (!result.fresh) // all from the cache: the same image as before
            for (const BuildStep& step : result.history)
                if (!step.emptyLayer)
                    image->created = step.created;
        std::string text = result.key;
        for (const Layer& layer : result.layers)
            text += " " + layer.digest;
        image->configDigest = digestOf("config " + text);
        image->digest = digestOf("manifest " + text);
        BuildVertex& exporting = vertex("exporting to image");
        std::int64_t fresh = 0;
        for (const BuildVertex& one : m_plan.vertices)
            for (const KeepCache& keep : one.keeps)
                fresh += keep.layer ? keep.bytes : 0;
        exporting.took = 20ms + fromSeconds(static_cast<double>(fresh) / 350e6);
        exporting.notes.push_back(fmt::format("exporting layers{} done", fresh > 0 ? fmt::format(" {:.1f}s", toSeconds(exporting.took)) : ""));
        exporting.notes.push_back(fmt::format("writing image {} done", image->configDigest));
        for (const std::string& tag : m_order.tags)
            if (const auto reference = Reference::parse(tag))
                exporting.notes.push_back(fmt::format("naming to {} done", reference->text()));
        m_plan.image = std::move(image);
    }

    const Docker& m_docker;
    const host::Hosts& m_hosts;
    Instant m_now;
    const BuildOrder& m_order;
    BuildPlan m_plan;
    Dockerfile m_file;
    std::map<std::string, std::string> m_globals;
    std::set<std::size_t> m_needed;
    std::set<std::string> m_loaded;
    std::vector<std::string> m_patterns;
    std::map<std::string, LayerFile> m_context;
    bool m_sent = false;
    std::map<std::size_t, StageResult> m_results;
};

} // namespace

BuildPlan planBuild(const Docker& docker, const host::Hosts& hosts, Instant now, const BuildOrder& order)
{
    return Planner(docker, hosts, now, order).plan();
}

} // namespace sim::container::docker
