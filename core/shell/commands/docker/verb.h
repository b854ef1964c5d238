#pragma once

#include "core/shell/command_table.h"

#include <functional>
#include <string>
#include <vector>

namespace core::shell::docker {

class Client;

/// What a verb was called with.
struct Call {
    Options options;
    std::vector<std::string> operands;
    std::string shownAs; ///< "docker run", as typed: for errors
};

/// One command of docker, declared once: parsing, help and completion read this.
struct Verb {
    std::string path;    ///< "container run"
    std::string alias;   ///< "run": the short form of old; may be empty
    std::string usage;   ///< "[OPTIONS] IMAGE [COMMAND] [ARG...]"
    std::string summary;
    std::vector<OptionSpec> options;
    std::size_t least = 0;
    std::size_t most = 0;              ///< operands; kMany: any number
    bool stopsAtOperand = false;       ///< what follows the first operand is somebody else's command line
    std::function<int(Client&, const Call&)> run;
    enum class Names : std::uint8_t { None, Running, Containers, Images, Networks, Volumes } names = Names::None;
    static constexpr std::size_t kMany = static_cast<std::size_t>(-1);
};

/// All of them, in the order of `docker --help`.
const std::vector<Verb>& verbs();
const Verb* findVerb(const std::vector<std::string>& words, std::size_t& used);

/// pflag's parsing. Empty, or its words: "unknown flag: --foo".
std::string parseCall(const Verb& verb, const std::vector<std::string>& words, Call& call, bool& help);
std::string helpOf(const Verb& verb);
std::string helpOfGroup(const std::string& group);
std::string generalHelp();

// One file per group.
void addContainerVerbs(std::vector<Verb>& all);
void addRunVerbs(std::vector<Verb>& all);
void addListVerbs(std::vector<Verb>& all);
void addExecVerbs(std::vector<Verb>& all);
void addInspectVerbs(std::vector<Verb>& all);
void addImageVerbs(std::vector<Verb>& all);
void addBuildVerbs(std::vector<Verb>& all);
void addTransferVerbs(std::vector<Verb>& all);
void addNetworkVerbs(std::vector<Verb>& all);
void addVolumeVerbs(std::vector<Verb>& all);
void addSystemVerbs(std::vector<Verb>& all);

} // namespace core::shell::docker
