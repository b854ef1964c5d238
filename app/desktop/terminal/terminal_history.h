#pragma once

#include <QString>

#include <string>
#include <vector>

namespace app::desktop {

/// What was typed in the terminals of a lab. Each incident has a history of its own, kept in a file from one attempt
/// to the next; a blind one shares one history with all blind ones, so that it doesn't give itself away.
class TerminalHistory {
public:
    static constexpr std::size_t kMostLines = 2000;

    /// Reads `file`; an empty name keeps the history in memory. A file that can't be read is an empty history.
    void open(const QString& file);
    void add(const std::string& line);
    const std::vector<std::string>& lines() const { return m_lines; }
    /// Why the last line could not be written; empty when it was.
    const QString& problem() const { return m_problem; }
    const QString& file() const { return m_file; }

private:
    QString m_file;
    std::vector<std::string> m_lines;
    QString m_problem;
};

} // namespace app::desktop
