#include "core/shell/text/find_expression.h"

#include "core/shell/numbers.h"
#include "core/shell/text/dates.h"

#include <algorithm>

namespace core::shell {

namespace {

bool isAmong(const std::string& word, std::initializer_list<std::string_view> words)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

class FindParser {
public:
    FindParser(const std::vector<std::string>& words, FindOptions& options) : m_words(words), m_options(options) { }

    FindNodePtr parse()
    {
        FindNodePtr root = m_words.empty() ? nullptr : comma(0);
        if (m_next < m_words.size())
            throw FindError{"paths must precede expression: `" + m_words[m_next] + "'"};
        if (!root)
            return leaf("-print");
        // Without an action of its own an expression prints what it holds for.
        return m_acts ? std::move(root) : join(FindNode::Kind::And, std::move(root), leaf("-print"));
    }

private:
    static FindNodePtr leaf(std::string name)
    {
        auto node = std::make_unique<FindNode>();
        node->name = std::move(name);
        return node;
    }

    static FindNodePtr join(FindNode::Kind kind, FindNodePtr left, FindNodePtr right)
    {
        auto node = std::make_unique<FindNode>();
        node->kind = kind;
        node->left = std::move(left);
        node->right = std::move(right);
        return node;
    }

    bool at(std::initializer_list<std::string_view> words) const
    {
        return m_next < m_words.size() && isAmong(m_words[m_next], words);
    }

    FindNodePtr comma(int depth)
    {
        FindNodePtr left = either(depth);
        while (at({","})) {
            ++m_next;
            left = join(FindNode::Kind::Comma, std::move(left), either(depth));
        }
        return left;
    }

    FindNodePtr either(int depth)
    {
        FindNodePtr left = both(depth);
        while (at({"-o", "-or"})) {
            ++m_next;
            left = join(FindNode::Kind::Or, std::move(left), both(depth));
        }
        return left;
    }

    FindNodePtr both(int depth)
    {
        FindNodePtr left = term(depth);
        while (m_next < m_words.size() && !at({"-o", "-or", ",", ")"})) {
            if (at({"-a", "-and"}))
                ++m_next;
            left = join(FindNode::Kind::And, std::move(left), term(depth));
        }
        return left;
    }

    FindNodePtr term(int depth)
    {
        constexpr int kDeepest = 100;
        if (depth > kDeepest)
            throw FindError{"the expression is nested too deeply"};
        if (m_next >= m_words.size())
            throw FindError{"expected an expression after `" + m_words[m_next - 1] + "'"};
        if (at({"!", "-not"})) {
            ++m_next;
            return join(FindNode::Kind::Not, term(depth + 1), nullptr);
        }
        if (at({"("})) {
            ++m_next;
            if (at({")"}))
                throw FindError{"invalid expression; empty parentheses are not allowed."};
            FindNodePtr inner = comma(depth + 1);
            if (!at({")"}))
                throw FindError{"invalid expression; I was expecting to find a ')' somewhere but did not see one."};
            ++m_next;
            return inner;
        }
        if (at({")"}))
            throw FindError{"invalid expression; you have too many ')'"};
        if (at({"-o", "-or", "-a", "-and", ","}))
            throw FindError{"invalid expression; you have used a binary operator '" + m_words[m_next]
                            + "' with nothing before it."};
        return predicate();
    }

    const std::string& argument(const std::string& name)
    {
        if (m_next >= m_words.size())
            throw FindError{"missing argument to `" + name + "'"};
        return m_words[m_next++];
    }

    FindNodePtr predicate()
    {
        const std::string word = m_words[m_next++];
        if (word.empty() || word[0] != '-')
            throw FindError{"paths must precede expression: `" + word + "'"};
        FindNodePtr node = leaf(word);
        if (isAmong(word, {"-print", "-print0", "-delete", "-ls", "-quit"})) {
            m_acts = true;
            m_options.contentsFirst |= word == "-delete";
        } else if (isAmong(word, {"-depth", "-d"})) {
            m_options.contentsFirst = true;
            node->name = "-true";
        } else if (isAmong(word, {"-maxdepth", "-mindepth"})) {
            std::size_t used = 0;
            const std::string& text = argument(word);
            const double depth = parseDouble(text, used);
            if (used != text.size() || depth < 0)
                throw FindError{"Expected a positive decimal integer argument to " + word + ", but got '" + text + "'"};
            (word == "-maxdepth" ? m_options.maxDepth : m_options.minDepth) = static_cast<int>(std::min(depth, 1000.0));
            node->name = "-true";
        } else if (isAmong(word, {"-printf"})) {
            m_acts = true;
            node->text = argument(word);
        } else if (isAmong(word, {"-exec", "-execdir", "-ok"})) {
            m_acts = true;
            command(*node);
        } else if (isAmong(word, {"-name", "-iname", "-path", "-ipath", "-wholename", "-newer", "-user", "-group"})) {
            node->text = argument(word);
        } else if (word.size() == 8 && word.rfind("-newer", 0) == 0) {
            // Access and change times are not kept: the modification's stands for all three.
            if (std::string_view("acm").find(word[6]) == std::string_view::npos || std::string_view("acmt").find(word[7]) == std::string_view::npos)
                throw FindError{"invalid predicate `" + word + "'"};
            node->text = argument(word);
            node->name = word[7] == 't' ? "-newermt" : "-newer";
            if (word[7] == 't') {
                const auto date = parseDate(node->text, m_options.now);
                if (!date)
                    throw FindError{"I cannot figure out how to interpret '" + node->text + "' as a date or time"};
                node->date = *date;
            }
        } else if (isAmong(word, {"-anewer", "-cnewer"})) {
            node->text = argument(word);
            node->name = "-newer";
        } else if (isAmong(word, {"-amin", "-cmin", "-atime", "-ctime"})) {
            node->name = word.substr(2) == "min" ? "-mmin" : "-mtime";
            number(*node, argument(word));
        } else if (isAmong(word, {"-xdev", "-mount", "-noleaf"})) {
            node->name = "-true";
        } else if (word == "-type") {
            node->text = argument(word);
            for (const char c : node->text)
                if (std::string_view("bcdpfls,").find(c) == std::string_view::npos)
                    throw FindError{"Unknown argument to -type: " + std::string(1, c)};
        } else if (isAmong(word, {"-regex", "-iregex"})) {
            node->text = argument(word);
            RegularExpression::Options options;
            options.wholeLine = true;
            options.ignoreCase = word == "-iregex";
            std::string error;
            node->pattern = RegularExpression::compile(node->text, RegularExpression::Syntax::Basic, options, error);
            if (!node->pattern)
                throw FindError{"failed to compile regular expression '" + node->text + "': " + error};
        } else if (word == "-perm") {
            node->text = argument(word);
            mode(*node);
        } else if (isAmong(word, {"-size", "-mmin", "-mtime", "-links"})) {
            number(*node, argument(word));
        } else if (!isAmong(word, {"-empty", "-true", "-false", "-prune", "-readable", "-writable", "-executable"})) {
            throw FindError{"unknown predicate `" + word + "'"};
        }
        return node;
    }

    void command(FindNode& node)
    {
        while (m_next < m_words.size() && m_words[m_next] != ";"
               && !(m_words[m_next] == "+" && !node.command.empty() && node.command.back() == "{}"))
            node.command.push_back(m_words[m_next++]);
        if (m_next >= m_words.size() || node.command.empty())
            throw FindError{"missing argument to `" + node.name + "'"};
        node.together = m_words[m_next++] == "+";
        if (node.together)
            node.command.pop_back();
    }

    static void mode(FindNode& node)
    {
        std::string text = node.text;
        node.sign = text[0] == '-' ? -1 : text[0] == '/' ? 1 : 0;
        if (node.sign != 0)
            text.erase(0, 1);
        constexpr std::size_t kMaxDigits = 5;
        const bool octal = !text.empty() && text.size() <= kMaxDigits && text.find_first_not_of("01234567") == std::string::npos;
        const auto bits = octal ? std::optional<unsigned long>(std::stoul(text, nullptr, 8)) : symbolicMode(text);
        if (!bits)
            throw FindError{"invalid mode '" + node.text + "'"};
        node.number = static_cast<double>(*bits);
    }

    /// "u=rw,g+w,o=": the bits that it sets on nothing.
    static std::optional<unsigned long> symbolicMode(const std::string& text)
    {
        unsigned long mode = 0;
        std::size_t i = 0;
        while (i < text.size()) {
            unsigned long who = 0;
            for (; i < text.size() && std::string_view("ugoa").find(text[i]) != std::string_view::npos; ++i)
                who |= text[i] == 'u' ? 04700UL : text[i] == 'g' ? 02070UL : text[i] == 'o' ? 0007UL : 06777UL;
            who = who == 0 ? 06777UL : who;
            if (i >= text.size() || std::string_view("+-=").find(text[i]) == std::string_view::npos)
                return std::nullopt;
            const char operation = text[i++];
            unsigned long bits = 0;
            for (; i < text.size() && text[i] != ','; ++i) {
                const std::size_t letter = std::string_view("rwxXst").find(text[i]);
                if (letter == std::string_view::npos)
                    return std::nullopt;
                constexpr unsigned long kBits[] = {0444, 0222, 0111, 0111, 06000, 01000};
                bits |= kBits[letter];
            }
            bits &= who | 01000UL;
            mode = operation == '-' ? mode & ~bits : operation == '=' ? (mode & ~who) | bits : mode | bits;
            i += i < text.size() ? 1 : 0;
        }
        return text.empty() ? std::nullopt : std::optional(mode);
    }

    static void number(FindNode& node, const std::string& argument)
    {
        std::string text = argument;
        node.sign = !text.empty() && text[0] == '+' ? 1 : !text.empty() && text[0] == '-' ? -1 : 0;
        if (node.sign != 0)
            text.erase(0, 1);
        std::size_t used = 0;
        node.number = parseDouble(text, used);
        if (node.name == "-size" && used + 1 == text.size()) {
            node.unit = text[used++];
            if (std::string_view("bcwkMG").find(node.unit) == std::string_view::npos)
                throw FindError{"invalid -size type `" + std::string(1, node.unit) + "'"};
        }
        if (used == 0 || used != text.size())
            throw FindError{"invalid argument `" + argument + "' to `" + node.name + "'"};
    }

    const std::vector<std::string>& m_words;
    FindOptions& m_options;
    std::size_t m_next = 0;
    bool m_acts = false;
};

} // namespace

FindNodePtr parseFind(const std::vector<std::string>& words, FindOptions& options)
{
    return FindParser(words, options).parse();
}

} // namespace core::shell
