#include "core/shell/text/text_commands.h"

#include "core/shell/options.h"
#include "core/shell/text/commands.h"

namespace core::shell {

namespace {

/// --help for a command that reads its words itself.
CommandSpec withHelp(CommandSpec spec)
{
    if (spec.parseOptions || spec.usage.empty())
        return spec;
    spec.run = [run = spec.run, help = helpText(spec)](Invocation& invocation) {
        if (invocation.arguments != std::vector<std::string>{"--help"})
            return run(invocation);
        invocation.print(help);
        return 0;
    };
    return spec;
}

void addAll(CommandTable& table)
{
    addAwk(table);
    addBase64(table);
    addCat(table);
    addChecksums(table);
    addCmp(table);
    addColumn(table);
    addCut(table);
    addDate(table);
    addDiff(table);
    addEditors(table);
    addExpr(table);
    addFileChanges(table);
    addFileType(table);
    addFind(table);
    addGrep(table);
    addHeadTail(table);
    addJq(table);
    addLess(table);
    addLineTools(table);
    addLs(table);
    addMerge(table);
    addRealPaths(table);
    addSed(table);
    addSmallTools(table);
    addSort(table);
    addSplit(table);
    addTar(table);
    addTr(table);
    addWatch(table);
    addWc(table);
    addXargs(table);
}

} // namespace

void addTextCommands(CommandTable& table)
{
    CommandTable own;
    addAll(own);
    for (const std::string& name : own.names())
        table.add(withHelp(*own.find(name)));
}

} // namespace core::shell
