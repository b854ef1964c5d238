#include "core/shell/numbers.h"
#include "core/shell/paths.h"
#include "core/shell/pattern.h"
#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"

#include <algorithm>

namespace core::shell {

namespace {

struct Test {
    enum class Kind { Name, Path, Type, Size, Newer, Empty, MinutesOld, DaysOld };
    Kind kind;
    std::string text;
    bool ignoreCase = false;
    bool negated = false;
    bool orBefore = false; ///< -o stands before it
    int sign = 0;          ///< of +N and -N
    double number = 0;
};

std::string lowered(std::string text)
{
    for (char& c : text)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

class Finder {
public:
    explicit Finder(Invocation& invocation) : m_invocation(invocation) { }

    int run()
    {
        std::vector<std::string> roots;
        std::size_t i = 0;
        const std::vector<std::string>& words = m_invocation.arguments;
        for (; i < words.size()
             && (words[i].empty() || (words[i][0] != '-' && words[i] != "!" && words[i] != "("));
             ++i)
            roots.push_back(words[i]);
        if (!parse(i))
            return 1;
        if (roots.empty())
            roots.emplace_back(".");
        for (const std::string& root : roots) {
            const auto stat = m_invocation.system().stat(m_invocation.place(),
                                                         m_invocation.absolutePath(root), false);
            if (!stat) {
                m_status = m_invocation.fail(1, "'" + root + "': No such file or directory");
                continue;
            }
            noteFile(m_invocation, root);
            visit(root, *stat, 0);
        }
        return m_status;
    }

private:
    bool parse(std::size_t i)
    {
        const std::vector<std::string>& words = m_invocation.arguments;
        bool negated = false;
        bool orBefore = false;
        for (; i < words.size(); ++i) {
            const std::string& word = words[i];
            if (word == "!" || word == "-not") {
                negated = true;
                continue;
            }
            if (word == "-o" || word == "-or") {
                orBefore = true;
                continue;
            }
            if (word == "-a" || word == "-and" || word == "(" || word == ")" || word == "-print")
                continue;
            if (word == "-delete") {
                m_delete = true;
                continue;
            }
            if (word == "-print0") {
                m_end = '\0';
                continue;
            }
            if (word == "-exec") {
                for (++i; i < words.size() && words[i] != ";" && words[i] != "+"; ++i)
                    m_execute.push_back(words[i]);
                if (i >= words.size() || m_execute.empty()) {
                    m_invocation.fail(1, "missing argument to `-exec'");
                    return false;
                }
                continue;
            }
            Test test{};
            test.negated = negated;
            test.orBefore = orBefore;
            negated = orBefore = false;
            if (word == "-empty") {
                test.kind = Test::Kind::Empty;
                m_tests.push_back(test);
                continue;
            }
            static const std::vector<std::string> kWithValue = {"-name", "-iname", "-path",     "-type",
                                                                "-size", "-newer", "-maxdepth", "-mindepth",
                                                                "-mmin", "-mtime"};
            if (std::find(kWithValue.begin(), kWithValue.end(), word) == kWithValue.end()) {
                m_invocation.fail(1, "unknown predicate `" + word + "'");
                return false;
            }
            if (i + 1 >= words.size()) {
                m_invocation.fail(1, "missing argument to `" + word + "'");
                return false;
            }
            test.text = words[++i];
            if (word == "-maxdepth" || word == "-mindepth") {
                std::size_t used = 0;
                const int depth = static_cast<int>(std::clamp(parseDouble(test.text, used), 0.0, 1000.0));
                (word == "-maxdepth" ? m_maxDepth : m_minDepth) = depth;
                continue;
            }
            if (word == "-size" || word == "-mmin" || word == "-mtime") {
                std::string number = test.text;
                test.sign = number[0] == '+' ? 1 : number[0] == '-' ? -1 : 0;
                if (test.sign != 0)
                    number.erase(0, 1);
                std::size_t used = 0;
                test.number = parseDouble(number, used);
                const char unit = word == "-size" ? (used < number.size() ? number[used] : 'b') : 'c';
                test.text = std::string(1, unit);
            }
            test.ignoreCase = word == "-iname";
            test.kind = word == "-name" || word == "-iname" ? Test::Kind::Name
                : word == "-path"                           ? Test::Kind::Path
                : word == "-type"                           ? Test::Kind::Type
                : word == "-size"                           ? Test::Kind::Size
                : word == "-newer"                          ? Test::Kind::Newer
                : word == "-mmin"                           ? Test::Kind::MinutesOld
                                                            : Test::Kind::DaysOld;
            m_tests.push_back(test);
        }
        return true;
    }

    bool passes(const Test& test, const std::string& path, const FileStat& stat) const
    {
        const auto compared = [&](double value) {
            return test.sign > 0 ? value > test.number
                : test.sign < 0  ? value < test.number
                                 : value == test.number;
        };
        const double age = sim::toSeconds(m_invocation.now() - stat.modified);
        switch (test.kind) {
        case Test::Kind::Name: {
            const std::string name(path == "/" ? "/" : fileNameOf(path));
            return test.ignoreCase ? matchPattern(lowered(test.text), lowered(name))
                                   : matchPattern(test.text, name);
        }
        case Test::Kind::Path: return matchPattern(test.text, path);
        case Test::Kind::Type: {
            const char type = stat.type == FileStat::Type::Directory ? 'd'
                : stat.type == FileStat::Type::Symlink               ? 'l'
                : stat.type == FileStat::Type::Socket                ? 's'
                : stat.type == FileStat::Type::Pipe                  ? 'p'
                : stat.type == FileStat::Type::Device                ? 'c'
                                                                     : 'f';
            return test.text.find(type) != std::string::npos;
        }
        case Test::Kind::Size: {
            const std::size_t unit = std::string_view("ckMG").find(test.text[0]);
            double divisor = 512;
            if (unit != std::string_view::npos)
                for (divisor = 1; divisor < 1024.0 * 1024 * 1024 * 1024;) {
                    if (unit == 0 || divisor >= (unit == 1 ? 1024.0 : unit == 2 ? 1048576.0 : 1073741824.0))
                        break;
                    divisor *= 1024;
                }
            return compared(static_cast<double>((stat.size + static_cast<std::int64_t>(divisor) - 1)
                                                / static_cast<std::int64_t>(divisor)));
        }
        case Test::Kind::Newer: {
            const auto other = m_invocation.system().stat(m_invocation.place(),
                                                          m_invocation.absolutePath(test.text));
            return other && stat.modified > other->modified;
        }
        case Test::Kind::Empty:
            if (stat.type == FileStat::Type::Directory) {
                const auto entries = m_invocation.system().list(m_invocation.place(),
                                                                m_invocation.absolutePath(path));
                return entries && entries->empty();
            }
            return stat.type == FileStat::Type::Regular && stat.size == 0;
        case Test::Kind::MinutesOld:
            return compared(static_cast<double>(static_cast<std::int64_t>(age / 60)));
        case Test::Kind::DaysOld:
            return compared(static_cast<double>(static_cast<std::int64_t>(age / 86400)));
        }
        return false;
    }

    bool matches(const std::string& path, const FileStat& stat) const
    {
        bool all = true;
        for (const Test& test : m_tests) {
            if (test.orBefore) {
                if (all)
                    return true;
                all = true;
            }
            all = all && passes(test, path, stat) != test.negated;
        }
        return all;
    }

    void visit(const std::string& path, const FileStat& stat, int depth)
    {
        constexpr int kDeepest = 64;
        if (depth >= m_minDepth && matches(path, stat) && !m_delete)
            act(path);
        if (stat.type == FileStat::Type::Directory && depth < m_maxDepth && depth < kDeepest) {
            const auto entries = m_invocation.system().list(m_invocation.place(),
                                                            m_invocation.absolutePath(path));
            if (!entries)
                m_status = m_invocation.fail(1, "'" + path + "': Permission denied");
            for (std::size_t i = 0; entries && i < entries->size(); ++i)
                if ((*entries)[i].name != "." && (*entries)[i].name != "..")
                    visit(path + (path.back() == '/' ? "" : "/") + (*entries)[i].name, (*entries)[i].stat,
                          depth + 1);
        }
        // With -delete a directory comes after what is in it.
        if (m_delete && depth >= m_minDepth && matches(path, stat)) {
            const Errno error = m_invocation.system().removeFile(m_invocation.place(),
                                                                 m_invocation.absolutePath(path));
            if (error != Errno::None)
                m_status = m_invocation.fail(1,
                                             "cannot delete '" + path + "': " + std::string(describe(error)));
        }
    }

    void act(const std::string& path)
    {
        if (m_execute.empty()) {
            m_invocation.print(path + m_end);
            return;
        }
        std::vector<std::string> words = m_execute;
        for (std::string& word : words)
            for (std::size_t at = word.find("{}"); at != std::string::npos;
                 at = word.find("{}", at + path.size()))
                word.replace(at, 2, path);
        m_invocation.run(words);
    }

    Invocation& m_invocation;
    std::vector<Test> m_tests;
    std::vector<std::string> m_execute;
    int m_maxDepth = 1000;
    int m_minDepth = 0;
    bool m_delete = false;
    char m_end = '\n';
    int m_status = 0;
};

} // namespace

void addFind(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "find";
    spec.summary = "search for files in a directory hierarchy";
    spec.usage = "find [PATH]... [EXPRESSION]";
    spec.parseOptions = false;
    spec.run = [](Invocation& invocation) {
        return Finder(invocation).run();
    };
    table.add(std::move(spec));
}

} // namespace core::shell
