#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace core::shell {

namespace {

bool isUtf8(const std::string& text)
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        const int more = c < 0x80 ? 0 : c >> 5 == 6 ? 1 : c >> 4 == 14 ? 2 : c >> 3 == 30 ? 3 : -1;
        if (more < 0)
            return false;
        for (int n = 0; n < more; ++n)
            if (++i >= text.size() || (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80)
                return false;
    }
    return true;
}

/// "ASCII text, with very long lines (400), with CRLF line terminators".
std::string encodingOf(const std::string& text)
{
    const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    constexpr std::size_t kLongLine = 300;
    std::size_t longest = 0;
    std::size_t start = 0;
    std::size_t newlines = 0;
    std::size_t returns = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && text[i] != '\n')
            continue;
        longest = std::max(longest, i - start);
        start = i + 1;
        newlines += i < text.size() ? 1 : 0;
        returns += i < text.size() && i > 0 && text[i - 1] == '\r' ? 1 : 0;
    }
    std::string result = ascii ? "ASCII text" : "Unicode text, UTF-8 text";
    if (longest > kLongLine)
        result += ", with very long lines (" + std::to_string(longest) + ")";
    if (newlines == 0)
        result += ", with no line terminators";
    else if (returns == newlines)
        result += ", with CRLF line terminators";
    return result;
}

/// What a script's first line says of it: the interpreter, by the words that file(1) has for it.
std::string scriptKind(const std::string& text)
{
    const std::string line = text.substr(0, text.find('\n'));
    if (line.compare(0, 2, "#!") != 0)
        return {};
    const auto mentions = [&](std::string_view name) {
        return line.find(name) != std::string::npos;
    };
    if (mentions("/bash"))
        return "Bourne-Again shell script, ";
    if (mentions("/sh"))
        return "POSIX shell script, ";
    if (mentions("python"))
        return "Python script, ";
    if (mentions("perl"))
        return "Perl script text executable";
    const std::size_t from = std::min(line.find_first_not_of(" \t", 2), line.size());
    return "a " + line.substr(from) + " script, ";
}

std::string kindOf(const std::string& text)
{
    if (text.empty())
        return "empty";
    if (text.compare(0, 4, "\x7f"
                           "ELF") == 0)
        return "ELF 64-bit LSB executable, x86-64, version 1 (SYSV)";
    if (text.compare(0, 2, "\x1f\x8b") == 0)
        return "gzip compressed data";
    const bool binary = std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\b' && c != '\f' && c != '\x1b';
    });
    if (binary || !isUtf8(text))
        return "data";
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first != std::string::npos && (text[first] == '{' || text[first] == '[')
        && nlohmann::json::accept(text))
        return "JSON text data";
    if (text.compare(0, 27, "-----BEGIN CERTIFICATE-----") == 0)
        return "PEM certificate";
    const std::string script = scriptKind(text);
    if (script.empty())
        return encodingOf(text);
    const std::string encoding = encodingOf(text);
    const std::size_t end = encoding.find(" text") + 5;
    return script + encoding.substr(0, end) + " executable" + encoding.substr(end);
}

int file(Invocation& invocation)
{
    if (invocation.operands.empty()) {
        invocation.err().write("Usage: file [-bLh] [--mime-type] FILE...\n");
        return 1;
    }
    std::size_t width = 0;
    for (const std::string& operand : invocation.operands)
        width = std::max(width, operand.size());
    for (const std::string& operand : invocation.operands) {
        const std::string path = invocation.absolutePath(operand);
        const auto stat = invocation.system().stat(invocation.place(), path, invocation.options.has("dereference"));
        std::string kind;
        if (!stat) {
            kind = "cannot open `" + operand + "' (No such file or directory)";
        } else if (stat->type == FileStat::Type::Directory) {
            kind = (stat->mode & 01000) != 0 ? "sticky, directory" : "directory";
        } else if (stat->type == FileStat::Type::Symlink) {
            const bool broken = !invocation.system().stat(invocation.place(), path);
            kind = (broken ? "broken symbolic link to " : "symbolic link to ") + stat->target;
        } else if (stat->type == FileStat::Type::Device) {
            kind = "character special";
        } else {
            const ReadFile read = invocation.system().readFile(invocation.place(), path);
            if (read.error == Errno::None)
                noteFile(invocation, operand);
            kind = read.error == Errno::None ? kindOf(read.text)
                                             : "regular file, no read permission";
        }
        const std::string name = invocation.options.has("brief") ? std::string()
                                                                 : operand + ":" + std::string(width - operand.size() + 1, ' ');
        invocation.print(name + kind + "\n");
    }
    return 0;
}

} // namespace

void addFileType(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "file";
    spec.summary = "determine file type";
    spec.usage = "file [OPTION...] FILE...";
    spec.options = {{'b', "brief", "", "do not prepend filenames to output lines"},
                    {'h', "no-dereference", "", "don't follow symlinks (default)"},
                    {'L', "dereference", "", "follow symlinks"}};
    spec.run = file;
    table.add(std::move(spec));
}

} // namespace core::shell
