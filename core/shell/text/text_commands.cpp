#include "core/shell/text/text_commands.h"

#include "core/shell/text/commands.h"

namespace core::shell {

void addTextCommands(CommandTable& table)
{
    addAwk(table);
    addBase64(table);
    addCat(table);
    addColumn(table);
    addCut(table);
    addDate(table);
    addDiff(table);
    addEditors(table);
    addFileChanges(table);
    addFind(table);
    addGrep(table);
    addHeadTail(table);
    addJq(table);
    addLess(table);
    addLs(table);
    addSed(table);
    addSmallTools(table);
    addSort(table);
    addTr(table);
    addWatch(table);
    addWc(table);
    addXargs(table);
}

} // namespace core::shell
