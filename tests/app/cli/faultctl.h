#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace app::cli {

struct Outcome {
    int status = 0;   ///< exit status; 128 + N: ended by signal N; 127: could not be started
    std::string out;
    std::string err;
    nlohmann::json json() const; ///< of `out`; discarded when it is none
};

struct Surroundings {
    std::string input;               ///< what standard input gives
    std::string output;              ///< file that standard output goes to instead; Outcome::out is then empty
    std::string dataHome;            ///< $XDG_DATA_HOME; empty: a folder of the Faultctl's own
    bool ordinaryUser = false;       ///< without root's rights, also where the tests run as root
};

/// The built program, with a home of its own, so that no test touches the user's attempts.
class Faultctl {
public:
    Faultctl();
    ~Faultctl();
    Faultctl(const Faultctl&) = delete;
    Faultctl& operator=(const Faultctl&) = delete;

    Outcome run(std::vector<std::string> arguments, const Surroundings& surroundings = {}) const;
    /// In a child process: becomes the program, with this home; it does not return.
    [[noreturn]] void become(std::vector<std::string> arguments, const std::string& dataHome = {}) const;
    /// A path in its home folder.
    std::string path(const std::string& name) const;

private:
    std::string m_home;
};

bool contains(const std::string& text, const std::string& part);
std::string contentOf(const std::string& path);
void write(const std::string& path, const std::string& text);

} // namespace app::cli
