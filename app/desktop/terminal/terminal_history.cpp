#include "app/desktop/terminal/terminal_history.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

namespace app::desktop {

namespace {

/// A command of several lines takes one line of the file.
QByteArray escaped(const std::string& line)
{
    QByteArray bytes = QByteArray::fromStdString(line);
    return bytes.replace('\\', "\\\\").replace('\n', "\\n");
}

std::string unescaped(const QByteArray& bytes)
{
    std::string line;
    for (qsizetype i = 0; i < bytes.size(); ++i) {
        if (bytes[i] == '\\' && i + 1 < bytes.size())
            line += bytes[++i] == 'n' ? '\n' : bytes[i];
        else
            line += bytes[i];
    }
    return line;
}

} // namespace

void TerminalHistory::open(const QString& file)
{
    m_file = file;
    m_lines.clear();
    m_problem.clear();
    QFile in(file);
    if (file.isEmpty() || !in.open(QIODevice::ReadOnly))
        return;
    for (const QByteArray& line : in.readAll().split('\n')) {
        if (!line.isEmpty())
            m_lines.push_back(unescaped(line));
    }
    if (m_lines.size() > kMostLines)
        m_lines.erase(m_lines.begin(), m_lines.end() - kMostLines);
}

void TerminalHistory::add(const std::string& line)
{
    if (line.empty() || line.front() == ' ' || (!m_lines.empty() && m_lines.back() == line))
        return;
    m_lines.push_back(line);
    if (m_file.isEmpty())
        return;
    QDir().mkpath(QFileInfo(m_file).path());
    QFile out(m_file);
    const QByteArray bytes = escaped(line) + '\n';
    const bool written = out.open(QIODevice::WriteOnly | QIODevice::Append) && out.write(bytes) == bytes.size() && out.flush();
    m_problem = written ? QString() : out.errorString();
}

} // namespace app::desktop
