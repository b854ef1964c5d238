#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace core::shell::cephtool {

/// A table as Ceph's TextTable prints it: two blanks between columns, every cell filled up, the last one too.
class Table {
public:
    enum class Align : std::uint8_t { Left, Right };
    void column(std::string heading, Align headingTo = Align::Left, Align cellsTo = Align::Right);
    void row(std::vector<std::string> cells); ///< cells that are missing stay blank
    std::string text() const;

private:
    struct Column {
        std::string heading;
        Align headingTo;
        Align cellsTo;
    };
    std::vector<Column> m_columns;
    std::vector<std::vector<std::string>> m_rows;
};

/// "1.2 TiB", "897 MiB", "0 B": in at most seven characters where that goes.
std::string byteText(double bytes);
/// "15.93k", "208".
std::string countText(double count);
/// "1.00000"; "-" below zero, "0" for nothing.
std::string weightText(double weight);
/// "13.92"; "0" below a thousandth.
std::string shortText(double value);

} // namespace core::shell::cephtool
