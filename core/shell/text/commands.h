#pragma once

#include "core/shell/command_table.h"

namespace core::shell {

// One file per command, or per small family; text_commands.cpp calls them all.
void addAwk(CommandTable& table);
void addBase64(CommandTable& table);
void addCat(CommandTable& table);
void addColumn(CommandTable& table);
void addCut(CommandTable& table);
void addDate(CommandTable& table);
void addDiff(CommandTable& table);
void addEditors(CommandTable& table);     ///< vi, nano
void addFileChanges(CommandTable& table); ///< touch mkdir rm cp mv
void addFind(CommandTable& table);
void addGrep(CommandTable& table);
void addHeadTail(CommandTable& table);
void addJq(CommandTable& table);
void addLess(CommandTable& table);
void addLs(CommandTable& table);
void addSed(CommandTable& table);
void addSmallTools(CommandTable& table); ///< basename dirname seq yes clear env tee
void addSort(CommandTable& table);       ///< sort uniq
void addTr(CommandTable& table);
void addWatch(CommandTable& table);
void addWc(CommandTable& table);
void addXargs(CommandTable& table);

} // namespace core::shell
