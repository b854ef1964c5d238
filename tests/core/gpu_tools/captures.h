#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace core::shell::gpu {

/// A command line of a capture with what came.
struct Captured {
    std::string command;
    std::string text;
    int status = 0;
};

/// "$ command", its text, "[exit N]"; as tests/golden/nvidia/h200 has them.
inline std::vector<Captured> capturesIn(const std::string& name)
{
    std::ifstream in(std::string(FAULTLINE_GOLDEN) + "/nvidia/h200/" + name);
    std::vector<Captured> captures;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("$ "))
            captures.push_back({line.substr(2), {}, -1});
        else if (captures.empty())
            continue;
        else if (line.starts_with("[exit "))
            captures.back().status = std::stoi(line.substr(6));
        else if (captures.back().status < 0)
            captures.back().text += line + "\n";
    }
    return captures;
}

inline std::vector<std::string> linesOf(const std::string& text)
{
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

} // namespace core::shell::gpu
