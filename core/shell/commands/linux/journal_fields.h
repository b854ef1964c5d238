#pragma once

#include "core/shell/commands/linux/here.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace core::shell::node {

/// The fields of a journal entry as journald stores them, in the order in which they are shown. What journald asks about a
/// sender (_EXE, _CMDLINE, _UID) is there for entries of processes that still run.
using JournalFields = std::vector<std::pair<std::string, std::string>>;
JournalFields journalFields(const sim::host::Machine& machine, const sim::host::JournalEntry& entry);
/// Empty: the entry has no such field.
std::string fieldOf(const JournalFields& fields, std::string_view name);

/// An entry's place in the journal: "s=...;i=...;b=...;m=...;t=...;x=...".
std::string journalCursor(const sim::host::Machine& machine, const sim::host::JournalEntry& entry);
/// The boot that an entry is of.
std::string journalBootOf(const sim::host::Machine& machine, const sim::host::JournalEntry& entry);

/// FIELD=VALUE words: values of one field are alternatives, different fields must all match, "+" joins alternatives of both.
class JournalMatches {
public:
    /// False: the word is no match.
    bool add(const std::string& word);
    /// "+"; false where it may not stand.
    bool alternative();
    bool complete() const { return m_terms.empty() || !m_terms.back().empty(); }
    bool empty() const { return m_terms.empty(); }
    bool matches(const JournalFields& fields) const;

private:
    using Term = std::map<std::string, std::set<std::string>>;
    std::vector<Term> m_terms;
};

/// -o verbose, export, json, json-pretty, json-sse, json-seq, and cat with chosen fields; `chosen` empty: all fields.
bool isFieldFormat(const std::string& format);
std::string formattedFields(const sim::host::Machine& machine, const sim::host::JournalEntry& entry, const std::string& format, const std::vector<std::string>& chosen);

} // namespace core::shell::node
