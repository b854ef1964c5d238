#include "core/shell/cell_width.h"
#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"

namespace core::shell {

namespace {

int column(Invocation& invocation)
{
    bool ok = true;
    const std::vector<std::string> lines = readAllLines(invocation, invocation.operands, ok);
    const std::string separators = invocation.options.value("separator", " \t");
    const std::string joiner = invocation.options.value("output-separator", "  ");
    const bool greedy = !invocation.options.has("separator");
    std::vector<std::vector<std::string>> rows;
    std::vector<int> widths;
    for (const std::string& line : lines) {
        if (line.find_first_not_of(" \t") == std::string::npos)
            continue;
        std::vector<std::string> cells;
        if (!invocation.options.has("table")) {
            cells.push_back(line);
        } else {
            std::size_t i = 0;
            while (i <= line.size()) {
                if (greedy)
                    i = std::min(line.find_first_not_of(separators, i), line.size());
                if (greedy && i >= line.size())
                    break;
                const std::size_t end = std::min(line.find_first_of(separators, i), line.size());
                cells.push_back(line.substr(i, end - i));
                i = end + 1;
            }
        }
        for (std::size_t c = 0; c < cells.size(); ++c) {
            if (c >= widths.size())
                widths.push_back(0);
            widths[c] = std::max(widths[c], cellWidth(cells[c]));
        }
        rows.push_back(std::move(cells));
    }
    if (!invocation.options.has("table")) {
        // Fills the screen's width, down the columns; a column is a multiple of eight wide.
        int width = widths.empty() ? 0 : widths[0];
        width = (width / 8 + 1) * 8;
        const std::size_t columns = static_cast<std::size_t>(std::max(invocation.out().columns() / width, 1));
        const std::size_t height = (rows.size() + columns - 1) / columns;
        for (std::size_t r = 0; r < height; ++r) {
            std::string text;
            int at = 0;
            for (std::size_t k = r; k < rows.size(); k += height) {
                text += rows[k][0];
                at += cellWidth(rows[k][0]);
                if (k + height < rows.size()) {
                    const int next = (at / width + 1) * width;
                    for (; at < next; at = (at / 8 + 1) * 8)
                        text += '\t';
                }
            }
            invocation.print(text + "\n");
        }
        return ok ? 0 : 1;
    }
    for (const std::vector<std::string>& cells : rows) {
        std::string text;
        for (std::size_t c = 0; c < cells.size(); ++c) {
            text += cells[c];
            if (c + 1 < cells.size())
                text += std::string(static_cast<std::size_t>(widths[c] - cellWidth(cells[c])), ' ') + joiner;
        }
        invocation.print(text + "\n");
    }
    return ok ? 0 : 1;
}

} // namespace

void addColumn(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "column";
    spec.summary = "columnate lists";
    spec.usage = "column [options] [FILE...]";
    spec.options = {
        {'t', "table", "", "create a table"},
        {'s', "separator", "STRING", "possible table delimiters"},
        {'o', "output-separator", "STRING", "columns separator for table output (default is two spaces)"}};
    spec.run = column;
    table.add(std::move(spec));
}

} // namespace core::shell
