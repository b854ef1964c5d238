#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"
#include "sim/engine/letters.h"

#include <algorithm>

namespace core::shell {

namespace {

/// "a\tb\\n" with its escapes replaced; "\0" stands for no character at all.
std::vector<std::string> delimiterList(const std::string& text)
{
    std::vector<std::string> list;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string one(1, text[i]);
        if (text[i] == '\\' && i + 1 < text.size()) {
            const char c = text[++i];
            one = c == 't' ? "\t" : c == 'n' ? "\n" : c == '0' ? "" : std::string(1, c);
        }
        list.push_back(std::move(one));
    }
    return list.empty() ? std::vector<std::string>{""} : list;
}

std::optional<std::vector<std::string>> linesOf(Invocation& invocation, const std::string& path)
{
    bool ok = true;
    std::vector<std::string> lines = readAllLines(invocation, {path}, ok);
    return ok ? std::optional(std::move(lines)) : std::nullopt;
}

int paste(Invocation& invocation)
{
    const std::vector<std::string> delimiters = delimiterList(
        invocation.options.has("delimiters") ? invocation.options.value("delimiters") : "\t");
    std::vector<std::string> operands = invocation.operands;
    if (operands.empty())
        operands.emplace_back("-");
    if (invocation.options.has("serial")) {
        int status = 0;
        for (const std::string& operand : operands) {
            const auto lines = linesOf(invocation, operand);
            if (!lines) {
                status = 1;
                continue;
            }
            std::string text;
            for (std::size_t i = 0; i < lines->size(); ++i)
                text += (i ? delimiters[(i - 1) % delimiters.size()] : "") + (*lines)[i];
            invocation.print(text + "\n");
        }
        return status;
    }
    // Several "-" take turns at the lines of standard input.
    const auto fromInput = static_cast<std::size_t>(std::count(operands.begin(), operands.end(), "-"));
    std::vector<std::string> input;
    std::vector<std::vector<std::string>> columns;
    std::size_t rows = 0;
    std::size_t turn = 0;
    if (fromInput > 0)
        input = linesOf(invocation, "-").value_or(std::vector<std::string>());
    for (const std::string& operand : operands) {
        std::vector<std::string> column;
        if (operand == "-") {
            for (std::size_t i = turn; i < input.size(); i += fromInput)
                column.push_back(input[i]);
            ++turn;
        } else {
            auto lines = linesOf(invocation, operand);
            if (!lines)
                return 1;
            column = std::move(*lines);
        }
        rows = std::max(rows, column.size());
        columns.push_back(std::move(column));
    }
    for (std::size_t row = 0; row < rows; ++row) {
        std::string text;
        for (std::size_t i = 0; i < columns.size(); ++i)
            text += (i ? delimiters[(i - 1) % delimiters.size()] : "")
                + (row < columns[i].size() ? columns[i][row] : std::string());
        invocation.print(text + "\n");
    }
    return 0;
}

/// "missing operand" and "extra operand" of the tools that compare two files.
int wrongFileCount(Invocation& invocation)
{
    const std::vector<std::string>& operands = invocation.operands;
    const std::string what = operands.empty() ? "missing operand"
        : operands.size() == 1                ? "missing operand after '" + operands[0] + "'"
                                              : "extra operand '" + operands[2] + "'";
    invocation.err().write(invocation.name + ": " + what + "\nTry '" + invocation.name
                           + " --help' for more information.\n");
    return 1;
}

int comm(Invocation& invocation)
{
    if (invocation.operands.size() != 2)
        return wrongFileCount(invocation);
    const auto a = linesOf(invocation, invocation.operands[0]);
    const auto b = a ? linesOf(invocation, invocation.operands[1]) : std::nullopt;
    if (!b)
        return 1;
    const Options& options = invocation.options;
    const std::string separator = options.has("output-delimiter") ? options.value("output-delimiter") : "\t";
    const bool hidden[3] = {options.has("1"), options.has("2"), options.has("3")};
    std::size_t counts[3] = {};
    const auto show = [&](std::size_t column, const std::string& line) {
        ++counts[column];
        if (hidden[column])
            return;
        std::string text;
        for (std::size_t before = 0; before < column; ++before)
            text += hidden[before] ? "" : separator;
        invocation.print(text + line + "\n");
    };
    bool complained[2] = {};
    const auto checkOrder = [&](const std::vector<std::string>& lines, std::size_t i, std::size_t file) {
        if (i == 0 || i >= lines.size() || lines[i - 1] <= lines[i] || complained[file]
            || options.has("nocheck-order"))
            return;
        complained[file] = true;
        invocation.fail(1, std::string("file ") + (file == 0 ? "1" : "2") + " is not in sorted order");
    };
    std::size_t i = 0;
    std::size_t k = 0;
    bool unpaired = false;
    while (i < a->size() || k < b->size()) {
        const int order = i == a->size() ? 1 : k == b->size() ? -1 : (*a)[i].compare((*b)[k]);
        unpaired |= order != 0;
        if (order <= 0)
            checkOrder(*a, i + 1, 0);
        if (order >= 0)
            checkOrder(*b, k + 1, 1);
        show(order < 0 ? 0 : order > 0 ? 1 : 2, order <= 0 ? (*a)[i] : (*b)[k]);
        i += order <= 0 ? 1 : 0;
        k += order >= 0 ? 1 : 0;
    }
    if (options.has("total"))
        invocation.print(std::to_string(counts[0]) + separator + std::to_string(counts[1]) + separator
                         + std::to_string(counts[2]) + separator + "total\n");
    if (unpaired && (complained[0] || complained[1]))
        return invocation.fail(1, "input is not in sorted order");
    return 0;
}

class Joiner {
public:
    explicit Joiner(Invocation& invocation) : m_invocation(invocation), m_options(invocation.options) { }

    int run()
    {
        if (m_invocation.operands.size() != 2)
            return wrongFileCount(m_invocation);
        m_separator = m_options.value("t");
        m_empty = m_options.value("e");
        for (std::size_t file = 0; file < 2; ++file) {
            const std::string field = m_options.value("j", m_options.value(file == 0 ? "1" : "2", "1"));
            const auto number = numberOption(m_invocation, field, "field number");
            if (!number || *number < 1)
                return 1;
            m_field[file] = static_cast<std::size_t>(*number) - 1;
            const auto lines = linesOf(m_invocation, m_invocation.operands[file]);
            if (!lines)
                return 1;
            for (const std::string& line : *lines)
                m_rows[file].push_back(split(line));
        }
        for (const std::string& which : m_options.values("a"))
            m_unpaired[which == "2" ? 1 : 0] = true;
        for (const std::string& which : m_options.values("v"))
            m_unpaired[which == "2" ? 1 : 0] = m_onlyUnpaired = true;
        for (const std::string& list : m_options.values("o"))
            addFormat(list);
        merge();
        return 0;
    }

private:
    using Row = std::vector<std::string>;

    Row split(const std::string& line) const
    {
        Row row;
        std::size_t i = 0;
        if (!m_separator.empty()) {
            for (; i <= line.size();) {
                const std::size_t end = std::min(line.find(m_separator[0], i), line.size());
                row.push_back(line.substr(i, end - i));
                i = end + 1;
            }
            return row;
        }
        while ((i = line.find_first_not_of(" \t", i)) != std::string::npos) {
            const std::size_t end = std::min(line.find_first_of(" \t", i), line.size());
            row.push_back(line.substr(i, end - i));
            i = end;
        }
        return row;
    }

    void addFormat(const std::string& list)
    {
        for (std::size_t i = 0; i < list.size();) {
            const std::size_t end = std::min(list.find_first_of(", ", i), list.size());
            const std::string item = list.substr(i, end - i);
            i = end + 1;
            constexpr std::size_t kMaxDigits = 6;
            if (item == "0")
                m_format.emplace_back(-1, 0);
            else if (item.size() > 2 && item.size() < kMaxDigits && item[1] == '.'
                     && item.find_first_not_of("0123456789", 2) == std::string::npos)
                m_format.emplace_back(item[0] == '2' ? 1 : 0, std::stoul(item.substr(2)) - 1);
        }
    }

    std::string key(std::size_t file, std::size_t i) const
    {
        const std::string text = cell(&m_rows[file][i], m_field[file]);
        return m_options.has("ignore-case") ? sim::lowered(text) : text;
    }

    static std::string cell(const Row* row, std::size_t index)
    {
        return row && index < row->size() ? (*row)[index] : std::string();
    }

    void print(const Row* a, const Row* b)
    {
        std::vector<std::string> cells;
        const std::string joined = a ? cell(a, m_field[0]) : cell(b, m_field[1]);
        if (!m_format.empty()) {
            for (const auto& [file, index] : m_format) {
                const std::string text = file < 0 ? joined : cell(file == 0 ? a : b, index);
                cells.push_back(text.empty() ? m_empty : text);
            }
        } else {
            cells.push_back(joined);
            for (std::size_t file = 0; file < 2; ++file)
                if (const Row* row = file == 0 ? a : b)
                    for (std::size_t i = 0; i < row->size(); ++i)
                        if (i != m_field[file])
                            cells.push_back((*row)[i].empty() ? m_empty : (*row)[i]);
        }
        std::string text;
        for (std::size_t i = 0; i < cells.size(); ++i)
            text += (i ? m_separator.empty() ? " " : m_separator.substr(0, 1) : "") + cells[i];
        m_invocation.print(text + "\n");
    }

    void merge()
    {
        const std::vector<Row>& a = m_rows[0];
        const std::vector<Row>& b = m_rows[1];
        std::size_t i = 0;
        std::size_t k = 0;
        while (i < a.size() || k < b.size()) {
            const int order = i == a.size() ? 1 : k == b.size() ? -1 : key(0, i).compare(key(1, k));
            if (order != 0) {
                const std::size_t file = order < 0 ? 0 : 1;
                if (m_unpaired[file])
                    print(file == 0 ? &a[i] : nullptr, file == 0 ? nullptr : &b[k]);
                ++(file == 0 ? i : k);
                continue;
            }
            // Lines of one key pair each with each.
            std::size_t iEnd = i;
            std::size_t kEnd = k;
            while (iEnd < a.size() && key(0, iEnd) == key(0, i))
                ++iEnd;
            while (kEnd < b.size() && key(1, kEnd) == key(1, k))
                ++kEnd;
            for (std::size_t x = i; x < iEnd && !m_onlyUnpaired; ++x)
                for (std::size_t y = k; y < kEnd; ++y)
                    print(&a[x], &b[y]);
            i = iEnd;
            k = kEnd;
        }
    }

    Invocation& m_invocation;
    const Options& m_options;
    std::string m_separator;
    std::string m_empty;
    std::size_t m_field[2] = {};
    std::vector<Row> m_rows[2];
    bool m_unpaired[2] = {};
    bool m_onlyUnpaired = false;
    std::vector<std::pair<int, std::size_t>> m_format; ///< file and field; file -1 is the joined one
};

} // namespace

void addMerge(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "paste";
    spec.summary = "merge lines of files";
    spec.usage = "paste [OPTION]... [FILE]...";
    spec.options = {{'d', "delimiters", "LIST", "reuse characters from LIST instead of TABs"},
                    {'s', "serial", "", "paste one file at a time instead of in parallel"}};
    spec.run = paste;
    table.add(spec);

    spec.name = "comm";
    spec.summary = "compare two sorted files line by line";
    spec.usage = "comm [OPTION]... FILE1 FILE2";
    spec.options = {{'1', "", "", "suppress column 1 (lines unique to FILE1)"},
                    {'2', "", "", "suppress column 2 (lines unique to FILE2)"},
                    {'3', "", "", "suppress column 3 (lines that appear in both files)"},
                    {0, "nocheck-order", "", "do not check that the input is correctly sorted"},
                    {0, "output-delimiter", "STR", "separate columns with STR"},
                    {0, "total", "", "output a summary"}};
    spec.run = comm;
    table.add(spec);

    spec.name = "join";
    spec.summary = "join lines of two files on a common field";
    spec.usage = "join [OPTION]... FILE1 FILE2";
    spec.options = {{'a', "", "FILENUM", "also print unpairable lines from file FILENUM, 1 or 2"},
                    {'e', "", "STRING", "replace missing (empty) input fields with STRING"},
                    {'i', "ignore-case", "", "ignore differences in case when comparing fields"},
                    {'j', "", "FIELD", "join on this FIELD of both files"},
                    {'o', "", "FORMAT", "obey FORMAT while constructing output line"},
                    {'t', "", "CHAR", "use CHAR as input and output field separator"},
                    {'v', "", "FILENUM", "like -a FILENUM, but suppress joined output lines"},
                    {'1', "", "FIELD", "join on this FIELD of file 1"},
                    {'2', "", "FIELD", "join on this FIELD of file 2"}};
    spec.run = [](Invocation& invocation) {
        return Joiner(invocation).run();
    };
    table.add(std::move(spec));
}

} // namespace core::shell
