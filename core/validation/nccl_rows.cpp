#include "core/validation/nccl_rows.h"

#include "core/validation/fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cctype>
#include <cmath>
#include <map>

namespace core::validation {

namespace collectives = sim::training::collectives;

namespace {

using Fields = std::map<std::string, std::string>;

/// A column's name by its letters: "GPUs (per node)", "gpus_per_node" and "gpus" are one.
std::string columnNamed(std::string_view header)
{
    std::string letters;
    for (const char c : header)
        if (std::isalnum(static_cast<unsigned char>(c)) != 0)
            letters += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    static const std::map<std::string, std::string> kSynonyms = {
        {"gpuspernode", "gpus"}, {"gpupernode", "gpus"}, {"ngpus", "gpus"},       {"gpu", "gpus"},
        {"node", "nodes"},       {"nnodes", "nodes"},    {"op", "collective"},    {"operation", "collective"},
        {"algo", "algorithm"},   {"size", "bytes"},      {"sizebytes", "bytes"},  {"message", "bytes"},
        {"messagesize", "bytes"}, {"busbwgbs", "busbw"}, {"busbwgbps", "busbw"},  {"busbandwidth", "busbw"},
        {"busbwingbs", "busbw"}, {"busbandwidthgbs", "busbw"}, {"sizeb", "bytes"}, {"row", "name"}, {"id", "name"}};
    const auto known = kSynonyms.find(letters);
    return known == kSynonyms.end() ? letters : known->second;
}

/// One line of CSV: commas, quotes with doubled quotes in them. Lines do not go on in the next.
std::vector<std::string> cellsOf(std::string_view line)
{
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
            cells.back() += '"';
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            cells.emplace_back();
        } else if (c != '\r') {
            cells.back() += c;
        }
    }
    for (std::string& cell : cells)
        cell = trimmed(cell);
    return cells;
}

/// The standard where the field is absent or empty.
sim::Result<int> countOr(const Fields& fields, const std::string& field, int standard, int most, const std::string& where)
{
    const auto found = fields.find(field);
    if (found == fields.end() || found->second.empty())
        return standard;
    return countIn(found->second, 1, most, where, field);
}

/// GPUs may be given per node or in all: no node here holds more than eight.
void readPlaces(NcclRow& row)
{
    constexpr int kMostPerNode = 8;
    if (row.gpusPerNode <= kMostPerNode)
        return;
    if (row.nodes == 1 && row.gpusPerNode % kMostPerNode == 0)
        row.nodes = row.gpusPerNode / kMostPerNode;
    if (row.gpusPerNode % row.nodes == 0)
        row.gpusPerNode /= row.nodes;
}

std::string fieldOf(const Fields& fields, const std::string& field)
{
    const auto found = fields.find(field);
    return found == fields.end() ? std::string() : found->second;
}

sim::Result<NcclRow> rowOf(const Fields& fields, const std::string& where)
{
    NcclRow row;
    row.where = where;
    for (const char* field : {"system", "bytes", "busbw"})
        if (fieldOf(fields, field).empty())
            return problem(where, field, "is missing; every row needs system, bytes and busbw");
    row.system = fieldOf(fields, "system");
    const auto nodes = countOr(fields, "nodes", 1, 4096, where);
    if (!nodes)
        return nodes.error();
    row.nodes = *nodes;
    const auto gpus = countOr(fields, "gpus", 8, 8 * 4096, where);
    if (!gpus)
        return gpus.error();
    row.gpusPerNode = *gpus;
    readPlaces(row);
    if (const std::string name = fieldOf(fields, "collective"); !name.empty()) {
        const auto collective = collectives::collectiveNamed(name);
        if (!collective)
            return problem(where, "collective",
                           fmt::format("\"{}\" is unknown; take one of all_reduce, all_gather, reduce_scatter, broadcast, "
                                       "reduce, alltoall, sendrecv",
                                       name));
        row.collective = *collective;
    }
    const std::string algorithm = fieldOf(fields, "algorithm");
    if (!algorithm.empty() && algorithm != "-" && columnNamed(algorithm) != "auto" && columnNamed(algorithm) != "default") {
        row.algorithm = collectives::algorithmNamed(algorithm);
        if (!row.algorithm)
            return problem(where, "algorithm",
                           fmt::format("\"{}\" is unknown; take auto, Ring, Tree, NVLS, NVLSTree or PAT", algorithm));
    }
    const auto bytes = bytesIn(fieldOf(fields, "bytes"));
    if (!bytes)
        return problem(where, "bytes", fmt::format("\"{}\" is no size; write 16777216, 16M or \"16 MiB\"", fieldOf(fields, "bytes")));
    row.bytes = *bytes;
    const auto busbw = numberIn(fieldOf(fields, "busbw"));
    if (!busbw || *busbw <= 0)
        return problem(where, "busbw", fmt::format("\"{}\" is no bandwidth; write GB/s above 0", fieldOf(fields, "busbw")));
    row.busGigabytesPerSecond = *busbw;
    row.use = fieldOf(fields, "use");
    row.name = fieldOf(fields, "name");
    if (row.name.empty())
        row.name = fmt::format("{}/{}x{}/{}/{}/{}", row.system, row.nodes, row.gpusPerNode,
                               collectives::nameOf(row.collective),
                               row.algorithm ? collectives::nameOf(*row.algorithm) : std::string_view("auto"),
                               fieldOf(fields, "bytes"));
    return row;
}

sim::Result<std::vector<NcclRow>> rowsOfCsv(std::string_view text, const std::string& file)
{
    std::vector<NcclRow> rows;
    std::vector<std::string> columns;
    int number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (line.empty() || line.front() == '#')
            continue;
        const std::vector<std::string> cells = cellsOf(line);
        if (columns.empty()) {
            for (const std::string& cell : cells)
                columns.push_back(columnNamed(cell));
            continue;
        }
        if (cells.size() > columns.size())
            return sim::Error{fmt::format("{} cells under {} columns; quote a cell that holds a comma", cells.size(),
                                          columns.size()),
                              fmt::format("{}:{}", file, number)};
        Fields fields;
        for (std::size_t i = 0; i < cells.size(); ++i)
            fields[columns[i]] = cells[i];
        auto row = rowOf(fields, fmt::format("{}:{}", file, number));
        if (!row)
            return row.error();
        rows.push_back(std::move(*row));
    }
    return rows;
}

sim::Result<std::vector<NcclRow>> rowsOfJson(std::string_view text, const std::string& file)
{
    const nlohmann::json document = nlohmann::json::parse(text, nullptr, false);
    if (document.is_discarded())
        return sim::Error{"is no JSON; check its brackets and quotes, or write CSV", file};
    const nlohmann::json* list = &document;
    if (document.is_object()) {
        const auto found = document.find("rows");
        list = found == document.end() ? nullptr : &*found;
    }
    if (list == nullptr || !list->is_array())
        return sim::Error{"holds no rows; write an array of objects, or {\"rows\": [...]}", file};
    std::vector<NcclRow> rows;
    for (std::size_t i = 0; i < list->size(); ++i) {
        const std::string where = fmt::format("{}: rows[{}]", file, i);
        const nlohmann::json& one = (*list)[i];
        if (!one.is_object())
            return sim::Error{"is no object; write {\"system\": ..., \"bytes\": ..., \"busbw\": ...}", where};
        Fields fields;
        for (const auto& [key, value] : one.items())
            if (!value.is_null())
                fields[columnNamed(key)] = value.is_string() ? value.get<std::string>() : value.dump();
        auto row = rowOf(fields, where);
        if (!row)
            return row.error();
        rows.push_back(std::move(*row));
    }
    return rows;
}

} // namespace

std::optional<std::int64_t> bytesIn(std::string_view text)
{
    const std::string clean = trimmed(text);
    std::size_t digits = clean.find_first_not_of("0123456789.");
    if (digits == std::string::npos)
        digits = clean.size();
    const auto number = numberIn(std::string_view(clean).substr(0, digits));
    std::string unit;
    for (const char c : std::string_view(clean).substr(digits))
        if (c != ' ')
            unit += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    static const std::map<std::string, double> kUnits = {
        {"", 1},           {"b", 1},           {"k", 1 << 10},    {"kb", 1 << 10},  {"kib", 1 << 10},
        {"m", 1 << 20},    {"mb", 1 << 20},    {"mib", 1 << 20},  {"g", 1 << 30},   {"gb", 1 << 30},
        {"gib", 1 << 30},  {"bytes", 1}};
    const auto factor = kUnits.find(unit);
    if (!number || factor == kUnits.end())
        return std::nullopt;
    double bytes = *number * factor->second;
    // Published tables round powers of two in thousands: 65K, 132K, 33M, 67M, 134M, 268M, 536M.
    if (const double power = std::exp2(std::round(std::log2(std::max(bytes, 1.0)))); !unit.empty() && unit != "b" && unit != "bytes"
        && *number > 16 && std::abs(*number * std::pow(1000, std::round(std::log2(factor->second) / 10)) / power - 1) < 0.03)
        bytes = power;
    if (bytes < 1 || bytes > 1e15)
        return std::nullopt;
    return static_cast<std::int64_t>(bytes);
}

sim::Result<std::vector<NcclRow>> readNcclRows(std::string_view text, const std::string& file)
{
    const std::string start = trimmed(text.substr(0, 4096));
    auto rows = !start.empty() && (start.front() == '[' || start.front() == '{') ? rowsOfJson(text, file) : rowsOfCsv(text, file);
    if (rows && rows->empty())
        return sim::Error{"holds no rows; write a header (system,nodes,gpus,collective,algorithm,bytes,busbw) and rows below it", file};
    return rows;
}

} // namespace core::validation
