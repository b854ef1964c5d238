#pragma once

#include "core/shell/command_table.h"

namespace core::shell {

// One file per command, or per small family; text_commands.cpp calls them all.
void addAwk(CommandTable& table);
void addBase64(CommandTable& table);
void addCat(CommandTable& table);
void addChecksums(CommandTable& table); ///< md5sum sha1sum sha256sum ...
void addCmp(CommandTable& table);
void addColumn(CommandTable& table);
void addCut(CommandTable& table);
void addDate(CommandTable& table);
void addDiff(CommandTable& table);
void addEditors(CommandTable& table);     ///< vi, nano
void addExpr(CommandTable& table);
void addFileChanges(CommandTable& table); ///< touch mkdir rm cp mv
void addFileType(CommandTable& table);    ///< file
void addFind(CommandTable& table);
void addGrep(CommandTable& table);
void addHeadTail(CommandTable& table);
void addJq(CommandTable& table);
void addLess(CommandTable& table);
void addLineTools(CommandTable& table);   ///< tac rev fold expand unexpand nl
void addLs(CommandTable& table);
void addMerge(CommandTable& table);       ///< paste comm join
void addRealPaths(CommandTable& table);   ///< readlink realpath mktemp
void addSed(CommandTable& table);
void addSmallTools(CommandTable& table); ///< basename dirname seq yes clear env tee
void addSort(CommandTable& table);       ///< sort uniq
void addSplit(CommandTable& table);
void addTar(CommandTable& table);
void addTr(CommandTable& table);
void addWatch(CommandTable& table);
void addWc(CommandTable& table);
void addXargs(CommandTable& table);

} // namespace core::shell
