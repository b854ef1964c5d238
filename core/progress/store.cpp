#include "core/progress/store.h"

#include "core/progress/attempt_json.h"
#include "core/progress/schema.h"
#include "core/progress/store_errors.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <bit>
#include <chrono>
#include <filesystem>
#include <thread>

namespace core::progress {

struct Store::Impl {
    std::string path;
    // Preparing a statement for reading does not change the store, though SQLite's handle is not const.
    mutable SQLite::Database database;
};

namespace {

using sim::Done;
using sim::Error;
using sim::Result;

/// All but the replay, which is the bulk of a row.
constexpr const char* kColumns = R"sql(
    id, incident, title_en, title_zh, cause, answered_cause, seed, topology, started_at, language, mode,
    finished, solved, score, parts, clocks, hints_taken, duration_seconds, fingerprint, area,
    direction_weights, notes, deleted_at
)sql";

constexpr const char* kInsert = R"sql(
INSERT INTO attempts (incident, title_en, title_zh, cause, answered_cause, seed, topology, started_at,
    language, mode, finished, solved, score, parts, clocks, hints_taken, duration_seconds, replay,
    fingerprint, area, direction_weights, notes)
VALUES (:incident, :title_en, :title_zh, :cause, :answered_cause, :seed, :topology, :started_at,
    :language, :mode, :finished, :solved, :score, :parts, :clocks, :hints_taken, :duration_seconds,
    :replay, :fingerprint, :area, :direction_weights, :notes)
)sql";

constexpr const char* kFinish = R"sql(
UPDATE attempts SET incident = :incident, title_en = :title_en, title_zh = :title_zh, cause = :cause,
    answered_cause = :answered_cause, seed = :seed, topology = :topology, started_at = :started_at,
    language = :language, mode = :mode, finished = :finished, solved = :solved, score = :score, parts =
    :parts, clocks = :clocks, hints_taken = :hints_taken, duration_seconds = :duration_seconds, replay =
    :replay, fingerprint = :fingerprint, area = :area, direction_weights = :direction_weights,
    notes = CASE WHEN :notes = '' THEN notes ELSE :notes END
WHERE id = :id AND finished = 0
)sql";

void bindAttempt(SQLite::Statement& statement, const Attempt& attempt, bool finished)
{
    statement.bind(":incident", attempt.incident);
    statement.bind(":title_en", attempt.title.en);
    statement.bind(":title_zh", attempt.title.zh);
    statement.bind(":cause", attempt.cause);
    statement.bind(":answered_cause", attempt.answeredCause);
    statement.bind(":seed", std::bit_cast<std::int64_t>(attempt.seed));
    statement.bind(":topology", attempt.topology);
    statement.bind(":started_at", attempt.startedAt);
    statement.bind(":language", languageName(attempt.language));
    statement.bind(":mode", modeName(attempt.mode));
    statement.bind(":finished", finished ? 1 : 0);
    statement.bind(":solved", attempt.solved ? 1 : 0);
    statement.bind(":score", attempt.score);
    statement.bind(":parts", dumped(partsJson(attempt.parts)));
    statement.bind(":clocks", dumped(clocksJson(attempt.clocksSeconds)));
    statement.bind(":hints_taken", attempt.hintsTaken);
    statement.bind(":duration_seconds", attempt.durationSeconds);
    statement.bind(":replay", attempt.replay);
    statement.bind(":fingerprint", std::bit_cast<std::int64_t>(attempt.fingerprint));
    statement.bind(":area", attempt.area);
    statement.bind(":direction_weights", dumped(attempt.directionWeights));
    statement.bind(":notes", attempt.notes);
}

Attempt attemptFromRow(SQLite::Statement& row)
{
    const auto text = [&row](const char* column) {
        return row.getColumn(column).getString();
    };
    Attempt attempt;
    attempt.id = row.getColumn("id").getInt64();
    attempt.incident = text("incident");
    attempt.title = {text("title_en"), text("title_zh")};
    attempt.cause = text("cause");
    attempt.answeredCause = text("answered_cause");
    attempt.seed = std::bit_cast<std::uint64_t>(row.getColumn("seed").getInt64());
    attempt.topology = text("topology");
    attempt.startedAt = text("started_at");
    attempt.language = text("language") == "zh" ? content::Language::Chinese : content::Language::English;
    attempt.mode = text("mode") == "exam" ? Mode::Exam : Mode::Study;
    attempt.finished = row.getColumn("finished").getInt() != 0;
    attempt.solved = row.getColumn("solved").getInt() != 0;
    attempt.score = row.getColumn("score").getDouble();
    attempt.parts = partsFromJson(nlohmann::json::parse(text("parts")));
    attempt.clocksSeconds = clocksFromJson(nlohmann::json::parse(text("clocks")));
    attempt.hintsTaken = row.getColumn("hints_taken").getInt();
    attempt.durationSeconds = row.getColumn("duration_seconds").getDouble();
    attempt.fingerprint = std::bit_cast<std::uint64_t>(row.getColumn("fingerprint").getInt64());
    attempt.area = text("area");
    attempt.directionWeights
        = nlohmann::json::parse(text("direction_weights")).get<std::map<std::string, double>>();
    attempt.notes = text("notes");
    attempt.deletedAt = text("deleted_at");
    return attempt;
}

Error noSuchAttempt(const std::string& path, std::int64_t id)
{
    return {
        fmt::format("There is no attempt {} here. It may have been deleted for good by another window.", id),
        path};
}

/// What stands in a file that was just opened, read in one transaction because another process may be
/// creating it at this moment.
struct FileHeader {
    int applicationId = 0;
    int version = 0;
    bool empty = true;
};

FileHeader readHeader(SQLite::Database& database)
{
    const SQLite::Transaction snapshot(database);
    FileHeader header;
    header.applicationId = database.execAndGet("PRAGMA application_id").getInt();
    header.version = schemaVersion(database);
    header.empty = database.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 0;
    return header;
}

std::optional<Error> refusal(SQLite::Database& database, const std::string& path)
{
    if (sqlite3_db_readonly(database.getHandle(), "main") == 1)
        return notWritable(path);
    const FileHeader header = readHeader(database);
    const int known = schemaSteps().back().version;
    if (header.empty && header.version == 0)
        return std::nullopt;
    if (header.applicationId != kApplicationId)
        return Error{
            "This is a database of another program, not Faultline's progress. Move it elsewhere, or choose "
            "another data folder.",
            path};
    if (header.version > known) {
        return Error{
            fmt::format("This file has version {}, made by a newer Faultline; this one reads up to version "
                        "{}. Update Faultline, or choose another data folder. The file is left as it is.",
                        header.version, known),
            path};
    }
    if (database.execAndGet("PRAGMA quick_check(1)").getString() != "ok")
        return damaged(path);
    return std::nullopt;
}

/// Readers and a writer do not block each other in this mode, and a commit is one append. SQLite does not
/// wait for other processes when the mode changes, so waiting is up to us. A file system that cannot do it
/// (some network drives) keeps the rollback journal, which is as safe.
void useWriteAheadLog(SQLite::Database& database)
{
    using namespace std::chrono_literals;
    const auto giveUp = std::chrono::steady_clock::now() + std::chrono::seconds(Store::kBusySeconds);
    while (database.execAndGet("PRAGMA journal_mode").getString() != "wal") {
        try {
            database.execAndGet("PRAGMA journal_mode = WAL");
            return;
        } catch (const SQLite::Exception& failure) {
            if (failure.getErrorCode() != SQLITE_BUSY || std::chrono::steady_clock::now() > giveUp)
                throw;
            std::this_thread::sleep_for(10ms);
        }
    }
}

/// Commits do not wait for the disk while it lives. (A killed process loses nothing even so.)
class LighterCommits {
public:
    explicit LighterCommits(SQLite::Database& database) : m_database(database)
    {
        m_database.exec("PRAGMA synchronous = NORMAL");
    }
    ~LighterCommits() { m_database.tryExec("PRAGMA synchronous = FULL"); }
    LighterCommits(const LighterCommits&) = delete;
    LighterCommits& operator=(const LighterCommits&) = delete;

private:
    SQLite::Database& m_database;
};

/// Runs `work`, turning what the libraries throw into an error that says what to do.
template <class Work>
auto guarded(const std::string& path, Work work) -> decltype(work())
{
    try {
        return work();
    } catch (const SQLite::Exception& failure) {
        return describe(failure, path);
    } catch (const nlohmann::json::exception& failure) {
        return damaged(path, failure.what());
    }
}

} // namespace

Store::Store(std::unique_ptr<Impl> impl) : m_impl(std::move(impl))
{ }
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::open(const std::string& folder)
{
    namespace fs = std::filesystem;
    if (folder.empty())
        return Error{"No data folder is known: set HOME or XDG_DATA_HOME, or name a folder.", {}};
    std::error_code failed;
    // Notes are private, so a folder of our making is (the XDG specification asks for it too).
    if (fs::create_directories(folder, failed) && !failed)
        fs::permissions(folder, fs::perms::owner_all, failed);
    if (failed)
        return Error{"The data folder cannot be made (" + failed.message()
                         + "). Make it yourself, or choose another.",
                     folder};
    const std::string path = (fs::path(folder) / kFileName).string();
    return guarded(path, [&path]() -> Result<Store> {
        SQLite::Database database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusySeconds * 1000);
        if (auto error = refusal(database, path))
            return *error;
        useWriteAheadLog(database);
        database.exec("PRAGMA synchronous = FULL");
        migrate(database, schemaSteps());
        Store store(std::make_unique<Impl>(Impl{path, std::move(database)}));
        // Housekeeping: on a full disk the attempts must be readable all the same.
        (void)store.emptyBin(false);
        return store;
    });
}

const std::string& Store::path() const
{
    return m_impl->path;
}

Result<std::int64_t> Store::begin(const Attempt& attempt)
{
    return guarded(m_impl->path, [&]() -> Result<std::int64_t> {
        SQLite::Statement insert(m_impl->database, kInsert);
        bindAttempt(insert, attempt, false);
        insert.exec();
        return m_impl->database.getLastInsertRowid();
    });
}

Result<Done> Store::checkpoint(std::int64_t id, const std::string& replay, double durationSeconds)
{
    return guarded(m_impl->path, [&]() -> Result<Done> {
        SQLite::Database& database = m_impl->database;
        SQLite::Statement update(
            database, "UPDATE attempts SET replay = ?, duration_seconds = ? WHERE id = ? AND finished = 0");
        update.bind(1, replay);
        update.bind(2, durationSeconds);
        update.bind(3, id);
        const LighterCommits lighter(database);
        if (update.exec() == 0)
            return noSuchAttempt(m_impl->path, id);
        return Done{};
    });
}

Result<std::int64_t> Store::finish(const Attempt& attempt)
{
    return guarded(m_impl->path, [&]() -> Result<std::int64_t> {
        if (attempt.id == 0) {
            SQLite::Statement insert(m_impl->database, kInsert);
            bindAttempt(insert, attempt, true);
            insert.exec();
            return m_impl->database.getLastInsertRowid();
        }
        SQLite::Statement update(m_impl->database, kFinish);
        bindAttempt(update, attempt, true);
        update.bind(":id", attempt.id);
        if (update.exec() == 0)
            return Error{fmt::format("Attempt {} is finished already, or was deleted for good.", attempt.id),
                         m_impl->path};
        return attempt.id;
    });
}

Result<Attempt> Store::get(std::int64_t id) const
{
    return guarded(m_impl->path, [&]() -> Result<Attempt> {
        SQLite::Statement query(m_impl->database,
                                fmt::format("SELECT {}, replay FROM attempts WHERE id = ?", kColumns));
        query.bind(1, id);
        if (!query.executeStep())
            return noSuchAttempt(m_impl->path, id);
        Attempt attempt = attemptFromRow(query);
        attempt.replay = query.getColumn("replay").getString();
        return attempt;
    });
}

Result<std::vector<Attempt>> Store::list(const AttemptFilter& filter) const
{
    return guarded(m_impl->path, [&]() -> Result<std::vector<Attempt>> {
        std::string sql = fmt::format("SELECT {} FROM attempts WHERE finished = ? AND (deleted_at <> '') = ?",
                                      kColumns);
        std::vector<std::string> values;
        const auto require = [&](const char* condition, std::string value) {
            sql += " AND ";
            sql += condition;
            values.push_back(std::move(value));
        };
        if (!filter.incident.empty())
            require("incident = ?", filter.incident);
        if (!filter.area.empty())
            require("area = ?", filter.area);
        if (!filter.since.empty())
            require("started_at >= ?", filter.since);
        if (!filter.until.empty())
            require("started_at < ?", filter.until);
        if (!filter.text.empty())
            require("instr(lower(incident || char(10) || title_en || char(10) || title_zh || char(10) || "
                    "cause || "
                    "char(10) || answered_cause || char(10) || notes), lower(?)) > 0",
                    filter.text);
        if (filter.mode)
            require("mode = ?", modeName(*filter.mode));
        if (filter.solved)
            sql += *filter.solved ? " AND solved = 1" : " AND solved = 0";
        if (filter.minScore)
            sql += " AND score >= ?";
        sql += " ORDER BY started_at DESC, id DESC LIMIT ?";

        SQLite::Statement query(m_impl->database, sql);
        int index = 0;
        query.bind(++index, filter.finished ? 1 : 0);
        query.bind(++index, filter.deleted ? 1 : 0);
        for (const std::string& value : values)
            query.bind(++index, value);
        if (filter.minScore)
            query.bind(++index, *filter.minScore);
        query.bind(++index, filter.limit);
        std::vector<Attempt> attempts;
        while (query.executeStep())
            attempts.push_back(attemptFromRow(query));
        return attempts;
    });
}

Result<Done> Store::setNotes(std::int64_t id, const std::string& notes)
{
    return guarded(m_impl->path, [&]() -> Result<Done> {
        SQLite::Statement update(m_impl->database, "UPDATE attempts SET notes = ? WHERE id = ?");
        update.bind(1, notes);
        update.bind(2, id);
        if (update.exec() == 0)
            return noSuchAttempt(m_impl->path, id);
        return Done{};
    });
}

Result<Done> Store::remove(std::int64_t id)
{
    return guarded(m_impl->path, [&]() -> Result<Done> {
        SQLite::Statement update(m_impl->database,
                                 "UPDATE attempts SET deleted_at = CASE WHEN deleted_at = '' THEN "
                                 "strftime('%Y-%m-%dT%H:%M:%SZ', 'now') ELSE deleted_at END WHERE id = ?");
        update.bind(1, id);
        if (update.exec() == 0)
            return noSuchAttempt(m_impl->path, id);
        return Done{};
    });
}

Result<Done> Store::restore(std::int64_t id)
{
    return guarded(m_impl->path, [&]() -> Result<Done> {
        SQLite::Statement update(m_impl->database, "UPDATE attempts SET deleted_at = '' WHERE id = ?");
        update.bind(1, id);
        if (update.exec() == 0)
            return noSuchAttempt(m_impl->path, id);
        return Done{};
    });
}

Result<int> Store::emptyBin(bool everything)
{
    return guarded(m_impl->path, [&]() -> Result<int> {
        SQLite::Statement purge(m_impl->database,
                                "DELETE FROM attempts WHERE deleted_at <> '' AND "
                                "(? OR deleted_at < strftime('%Y-%m-%dT%H:%M:%SZ', 'now', ?))");
        purge.bind(1, everything ? 1 : 0);
        purge.bind(2, fmt::format("-{} days", kBinDays));
        return purge.exec();
    });
}

} // namespace core::progress
