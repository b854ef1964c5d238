#include "core/shell/commands/kubectl/config_entries.h"

#include "sim/engine/split.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

constexpr const char* kKeyRule =
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or "
    "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

bool isConfigKey(const std::string& key)
{
    return !key.empty() && key.find_first_not_of("-._0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        == std::string::npos;
}

class EntryReader {
public:
    EntryReader(Call& call, std::optional<std::string> configMap) : m_call(call), m_configMap(std::move(configMap)) { }

    std::optional<ConfigEntries> read()
    {
        const std::vector<std::string> envFiles = m_call.flags.list("from-env-file");
        if (!envFiles.empty() && (m_call.flags.given("from-file") || m_call.flags.given("from-literal"))) {
            m_call.fail("from-env-file cannot be combined with from-file or from-literal");
            return std::nullopt;
        }
        for (const std::string& source : m_call.flags.values("from-literal")) {
            if (!literal(source))
                return std::nullopt;
        }
        for (const std::string& source : m_call.flags.list("from-file")) {
            if (!fileSource(source))
                return std::nullopt;
        }
        for (const std::string& path : envFiles) {
            if (!envFile(path))
                return std::nullopt;
        }
        return std::move(m_entries);
    }

private:
    bool fail(const std::string& text)
    {
        m_call.fail(text);
        return false;
    }

    bool add(const std::string& key, std::string value)
    {
        if (!isConfigKey(key))
            return fail(fmt::format("\"{}\" is not {} {}", key,
                                    m_configMap ? "a valid key name for a ConfigMap:" : "valid key name for a Secret",
                                    kKeyRule));
        if (m_entries.emplace(key, std::move(value)).second)
            return true;
        return fail(m_configMap
                        ? fmt::format("cannot add key \"{}\", another key by that name already exists in Data for "
                                      "ConfigMap \"{}\"", key, *m_configMap)
                        : fmt::format("cannot add key {}, another key by that name already exists", key));
    }

    bool literal(const std::string& source)
    {
        const std::size_t equals = source.find('=');
        if (equals == std::string::npos || equals == 0)
            return fail(fmt::format("invalid literal source {}, expected key=value", source));
        std::string value = source.substr(equals + 1);
        const auto quote = [](char c) { return c == '"' || c == '\''; };
        value.erase(value.begin(), std::find_if_not(value.begin(), value.end(), quote));
        value.erase(std::find_if_not(value.rbegin(), value.rend(), quote).base(), value.end());
        return add(source.substr(0, equals), std::move(value));
    }

    bool fileSource(const std::string& source)
    {
        const std::size_t equals = source.find('=');
        if (equals == std::string::npos) {
            const std::size_t slash = source.rfind('/');
            return file(source.substr(slash == std::string::npos ? 0 : slash + 1), source, true);
        }
        if (source.find('=', equals + 1) != std::string::npos)
            return fail("key names or file paths cannot contain '='");
        if (equals == 0)
            return fail(fmt::format("key name for file path {} missing", source.substr(1)));
        if (equals + 1 == source.size())
            return fail(fmt::format("file path for key name {} missing", source.substr(0, equals)));
        return file(source.substr(0, equals), source.substr(equals + 1), false);
    }

    bool file(const std::string& key, const std::string& path, bool mayBeDirectory)
    {
        System& system = m_call.inv.system();
        const std::string absolute = m_call.inv.absolutePath(path);
        const auto stat = system.stat(m_call.inv.place(), absolute);
        if (stat && stat->type == FileStat::Type::Directory) {
            if (!mayBeDirectory)
                return fail("cannot give a key name for a directory path");
            const auto entries = system.list(m_call.inv.place(), absolute);
            for (const DirectoryEntry& entry : entries.value_or(std::vector<DirectoryEntry>{})) {
                if (entry.stat.type == FileStat::Type::Regular
                    && !file(entry.name, path + "/" + entry.name, false))
                    return false;
            }
            return true;
        }
        const ReadFile content = system.readFile(m_call.inv.place(), absolute);
        if (content.error != Errno::None)
            return fail(fmt::format("error reading {}: {}", path,
                                    content.error == Errno::NoEntry ? "no such file or directory"
                                                                    : "permission denied"));
        return add(key, content.text);
    }

    bool envFile(const std::string& path)
    {
        const ReadFile content = m_call.inv.system().readFile(m_call.inv.place(), m_call.inv.absolutePath(path));
        if (content.error != Errno::None)
            return fail(fmt::format("error reading {}: no such file or directory", path));
        for (std::string line : sim::split(content.text, '\n')) {
            line.erase(0, std::min(line.find_first_not_of(" \t\r"), line.size()));
            if (line.empty() || line.front() == '#')
                continue;
            const std::size_t equals = line.find('=');
            const std::string key = line.substr(0, equals);
            if (!add(key, equals == std::string::npos ? m_call.inv.variable(key).value_or("")
                                                      : line.substr(equals + 1)))
                return false;
        }
        return true;
    }

    Call& m_call;
    std::optional<std::string> m_configMap;
    ConfigEntries m_entries;
};

} // namespace

std::optional<ConfigEntries> configEntries(Call& call, const std::optional<std::string>& configMap)
{
    return EntryReader(call, configMap).read();
}

} // namespace core::shell::kubectl
