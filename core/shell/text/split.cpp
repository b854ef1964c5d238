#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"

#include <fmt/format.h>

namespace core::shell {

namespace {

class Splitter {
public:
    explicit Splitter(Invocation& invocation) : m_invocation(invocation), m_options(invocation.options) { }

    int run()
    {
        const std::vector<std::string>& operands = m_invocation.operands;
        if (operands.size() > 2) {
            m_invocation.err().write("split: extra operand '" + operands[2]
                                     + "'\nTry 'split --help' for more information.\n");
            return 1;
        }
        m_prefix = operands.size() > 1 ? operands[1] : "x";
        const auto length = number("suffix-length", "2", "suffix length");
        const auto lines = number("lines", "1000", "number of lines");
        const auto bytes = number("bytes", "1", "number of bytes");
        const auto chunks = number("number", "1", "number of chunks");
        if (!length || !lines || !bytes || !chunks)
            return 1;
        m_suffixLength = *length;
        std::string text;
        if (operands.empty() || operands[0] == "-")
            text = m_invocation.in().readAll();
        else if (const auto file = readForSplit(operands[0]))
            text = *file;
        else
            return 1;
        if (m_options.has("bytes") || m_options.has("number")) {
            const std::size_t size = m_options.has("bytes") ? *bytes : std::max<std::size_t>(text.size() / *chunks, 1);
            for (std::size_t i = 0, n = 0; i < text.size() || (m_options.has("number") && n < *chunks); ++n) {
                const bool last = m_options.has("number") && n + 1 == *chunks;
                if (!write(std::string_view(text).substr(std::min(i, text.size()), last ? std::string::npos : size)))
                    return 1;
                i = last ? text.size() : i + size;
            }
            return 0;
        }
        for (std::size_t i = 0; i < text.size();) {
            std::size_t end = i;
            for (std::size_t n = 0; n < *lines && end < text.size(); ++n)
                end = std::min(text.find('\n', end), text.size() - 1) + 1;
            if (!write(std::string_view(text).substr(i, end - i)))
                return 1;
            i = end;
        }
        return 0;
    }

private:
    std::optional<std::size_t> number(const char* option, const char* fallback, const char* what)
    {
        const std::string text = m_options.value(option, fallback);
        const auto value = numberOption(m_invocation, text, what);
        if (value && *value < 1)
            m_invocation.fail(1, std::string("invalid ") + what + ": '" + text + "': Numerical result out of range");
        return value && *value >= 1 ? std::optional(static_cast<std::size_t>(*value)) : std::nullopt;
    }

    std::optional<std::string> readForSplit(const std::string& path)
    {
        ReadFile file = m_invocation.system().readFile(m_invocation.place(), m_invocation.absolutePath(path));
        if (file.error == Errno::None)
            return std::move(file.text);
        const bool directory = file.error == Errno::IsDirectory;
        m_invocation.fail(1, directory ? path + ": Is a directory"
                                       : "cannot open '" + path + "' for reading: " + std::string(describe(file.error)));
        return {};
    }

    /// "aa", "ab", ... or, with -d, "00", "01", ...
    std::optional<std::string> suffix()
    {
        const bool digits = m_options.has("numeric-suffixes") || m_options.has("d");
        const std::size_t base = digits ? 10 : 26;
        std::string text(m_suffixLength, digits ? '0' : 'a');
        std::size_t rest = m_written;
        for (std::size_t i = m_suffixLength; i-- > 0; rest /= base)
            text[i] = static_cast<char>(text[i] + static_cast<char>(rest % base));
        return rest == 0 ? std::optional(text) : std::nullopt;
    }

    bool write(std::string_view piece)
    {
        const auto end = suffix();
        if (!end) {
            m_invocation.fail(1, "output file suffixes exhausted");
            return false;
        }
        ++m_written;
        const std::string path = m_prefix + *end + m_options.value("additional-suffix");
        const Errno error = m_invocation.system().writeFile(m_invocation.place(), m_invocation.absolutePath(path), piece,
                                                            false);
        if (error != Errno::None)
            m_invocation.fail(1, path + ": " + std::string(describe(error)));
        else if (m_options.has("verbose"))
            m_invocation.print("creating file '" + path + "'\n");
        return error == Errno::None;
    }

    Invocation& m_invocation;
    const Options& m_options;
    std::string m_prefix;
    std::size_t m_suffixLength = 2;
    std::size_t m_written = 0;
};

} // namespace

void addSplit(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "split";
    spec.summary = "split a file into pieces";
    spec.usage = "split [OPTION]... [FILE [PREFIX]]";
    spec.options = {{'a', "suffix-length", "N", "generate suffixes of length N (default 2)"},
                    {0, "additional-suffix", "SUFFIX", "append an additional SUFFIX to file names"},
                    {'b', "bytes", "SIZE", "put SIZE bytes per output file"},
                    {'d', "", "", "use numeric suffixes starting at 0, not alphabetic"},
                    {0, "numeric-suffixes", "", "same as -d"},
                    {'l', "lines", "NUMBER", "put NUMBER lines/records per output file"},
                    {'n', "number", "CHUNKS", "split into CHUNKS files of equal size"},
                    {0, "verbose", "", "print a diagnostic just before each output file is opened"}};
    spec.run = [](Invocation& invocation) {
        return Splitter(invocation).run();
    };
    table.add(std::move(spec));
}

} // namespace core::shell
