#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"
#include "sim/engine/letters.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

namespace core::shell {

namespace {

struct Algorithm {
    const char* command;
    const char* name; ///< as --tag and --help call it
    int bits;
    const EVP_MD* (*digest)();
};

constexpr std::array<Algorithm, 6> kAlgorithms = {{{"md5sum", "MD5", 128, EVP_md5},
                                                   {"sha1sum", "SHA1", 160, EVP_sha1},
                                                   {"sha224sum", "SHA224", 224, EVP_sha224},
                                                   {"sha256sum", "SHA256", 256, EVP_sha256},
                                                   {"sha384sum", "SHA384", 384, EVP_sha384},
                                                   {"sha512sum", "SHA512", 512, EVP_sha512}}};

const Algorithm& algorithmOf(const std::string& command)
{
    for (const Algorithm& algorithm : kAlgorithms)
        if (command == algorithm.command)
            return algorithm;
    return kAlgorithms[0];
}

std::string digestOf(const Algorithm& algorithm, const std::string& text)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    EVP_Digest(text.data(), text.size(), bytes.data(), &size, algorithm.digest(), nullptr);
    std::string digits;
    for (unsigned int i = 0; i < size; ++i)
        digits += fmt::format("{:02x}", bytes[i]);
    return digits;
}

/// `sha256sum -c`: "DIGEST  FILE" lines, or "SHA256 (FILE) = DIGEST" ones.
class Checker {
public:
    explicit Checker(Invocation& invocation) : m_invocation(invocation), m_algorithm(algorithmOf(invocation.name)) { }

    int run()
    {
        const bool quiet = m_invocation.options.has("quiet") || m_invocation.options.has("status");
        bool ok = forEachInput(m_invocation, m_invocation.operands, [&](Input& input, const std::string& name) {
            m_matched = m_mismatched = m_malformed = m_unreadable = 0;
            while (const std::optional<std::string> line = input.readLine())
                check(*line, quiet);
            summarise(name);
        });
        return ok && !m_failed ? 0 : 1;
    }

private:
    void check(const std::string& line, bool quiet)
    {
        const auto digits = static_cast<std::size_t>(m_algorithm.bits / 4);
        std::string digest = line.substr(0, digits);
        std::string path;
        const std::string tag = std::string(m_algorithm.name) + " (";
        if (line.compare(0, tag.size(), tag) == 0 && line.size() > tag.size() + digits + 4) {
            digest = line.substr(line.size() - digits);
            path = line.substr(tag.size(), line.size() - tag.size() - digits - 4);
        } else if (line.size() > digits + 2 && line[digits] == ' ') {
            path = line.substr(digits + 2);
        }
        if (path.empty() || digest.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
            ++m_malformed;
            return;
        }
        digest = sim::lowered(digest);
        const auto text = readFileOrComplain(m_invocation, path);
        if (!text) {
            ++m_unreadable;
            m_failed = true;
            if (!m_invocation.options.has("status"))
                m_invocation.print(path + ": FAILED open or read\n");
            return;
        }
        const bool same = digestOf(m_algorithm, *text) == digest;
        ++(same ? m_matched : m_mismatched);
        m_failed |= !same;
        if (!same && !m_invocation.options.has("status"))
            m_invocation.print(path + ": FAILED\n");
        else if (same && !quiet)
            m_invocation.print(path + ": OK\n");
    }

    void summarise(const std::string& name)
    {
        if (m_matched + m_mismatched + m_unreadable == 0) {
            m_failed = true;
            m_invocation.fail(1, (name == "-" ? "'standard input'" : name) + ": no properly formatted checksum lines found");
            return;
        }
        if (m_invocation.options.has("status"))
            return;
        const auto warn = [&](int count, const char* one, const char* many) {
            if (count > 0)
                m_invocation.fail(1, fmt::format("WARNING: {} {}", count, count == 1 ? one : many));
        };
        warn(m_malformed, "line is improperly formatted", "lines are improperly formatted");
        warn(m_unreadable, "listed file could not be read", "listed files could not be read");
        warn(m_mismatched, "computed checksum did NOT match", "computed checksums did NOT match");
    }

    Invocation& m_invocation;
    const Algorithm& m_algorithm;
    int m_matched = 0, m_mismatched = 0, m_malformed = 0, m_unreadable = 0;
    bool m_failed = false;
};

int checksum(Invocation& invocation)
{
    if (invocation.options.has("check"))
        return Checker(invocation).run();
    const Algorithm& algorithm = algorithmOf(invocation.name);
    const bool ok = forEachInput(invocation, invocation.operands, [&](Input& input, const std::string& name) {
        const std::string digest = digestOf(algorithm, input.readAll());
        invocation.print(invocation.options.has("tag")
                             ? fmt::format("{} ({}) = {}\n", algorithm.name, name, digest)
                             : digest + (invocation.options.has("binary") ? " *" : "  ") + name + "\n");
    });
    return ok ? 0 : 1;
}

} // namespace

void addChecksums(CommandTable& table)
{
    for (const Algorithm& algorithm : kAlgorithms) {
        CommandSpec spec;
        spec.name = algorithm.command;
        spec.summary = fmt::format("compute and check {} message digest", algorithm.name);
        spec.usage = std::string(algorithm.command) + " [OPTION]... [FILE]...";
        spec.options = {{'b', "binary", "", "read in binary mode"},
                        {'c', "check", "", "read checksums from the FILEs and check them"},
                        {0, "tag", "", "create a BSD-style checksum"},
                        {'t', "text", "", "read in text mode (default)"},
                        {0, "quiet", "", "don't print OK for each successfully verified file"},
                        {0, "status", "", "don't output anything, status code shows success"}};
        spec.run = checksum;
        table.add(std::move(spec));
    }
}

} // namespace core::shell
