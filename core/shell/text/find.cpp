#include "core/shell/text/find_expression.h"

#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"

namespace core::shell {

namespace {

class Finder {
public:
    explicit Finder(Invocation& invocation) : m_invocation(invocation) { }

    int run()
    {
        const std::vector<std::string>& words = m_invocation.arguments;
        std::vector<std::string> roots;
        std::size_t i = 0;
        // -H, -L and -P say which links to follow; nothing here follows any.
        while (i < words.size() && (words[i] == "-H" || words[i] == "-L" || words[i] == "-P"))
            ++i;
        for (; i < words.size()
             && (words[i].empty() || (words[i][0] != '-' && words[i] != "!" && words[i] != "("));
             ++i)
            roots.push_back(words[i]);
        m_options.now = m_invocation.now();
        try {
            m_expression = parseFind({words.begin() + static_cast<std::ptrdiff_t>(i), words.end()}, m_options);
        } catch (const FindError& error) {
            return m_invocation.fail(1, error.text);
        }
        if (roots.empty())
            roots.emplace_back(".");
        FindActions actions(m_invocation);
        for (const std::string& root : roots) {
            const auto stat = m_invocation.system().stat(m_invocation.place(),
                                                         m_invocation.absolutePath(root), false);
            if (!stat) {
                m_status = m_invocation.fail(1, "'" + root + "': No such file or directory");
                continue;
            }
            noteFile(m_invocation, root);
            visit({root, root, *stat, 0}, actions);
            if (actions.quit)
                break;
        }
        actions.finish(*m_expression);
        return m_status != 0 ? m_status : actions.status;
    }

private:
    void visit(const FoundFile& found, FindActions& actions)
    {
        constexpr int kDeepest = 64;
        const bool counts = found.depth >= m_options.minDepth;
        actions.prune = false;
        if (counts && !m_options.contentsFirst)
            actions.evaluate(*m_expression, found);
        const bool descends = found.stat.type == FileStat::Type::Directory && !actions.prune && !actions.quit
            && found.depth < m_options.maxDepth && found.depth < kDeepest;
        if (descends) {
            const auto entries = m_invocation.system().list(m_invocation.place(),
                                                            m_invocation.absolutePath(found.path));
            if (!entries)
                m_status = m_invocation.fail(1, "'" + found.path + "': Permission denied");
            for (std::size_t i = 0; entries && i < entries->size() && !actions.quit; ++i) {
                const std::string& name = (*entries)[i].name;
                if (name != "." && name != "..")
                    visit({found.path + (found.path.back() == '/' ? "" : "/") + name, found.root,
                           (*entries)[i].stat, found.depth + 1},
                          actions);
            }
        }
        if (counts && m_options.contentsFirst && !actions.quit)
            actions.evaluate(*m_expression, found);
    }

    Invocation& m_invocation;
    FindOptions m_options;
    FindNodePtr m_expression;
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
