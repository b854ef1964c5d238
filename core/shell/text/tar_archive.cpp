#include "core/shell/text/tar_archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <chrono>
#include <memory>

namespace core::shell {

namespace {

constexpr int kBlock = 10240; // GNU tar's 20 records of 512 bytes

using WrittenArchive = std::unique_ptr<archive, decltype(&archive_write_free)>;
using ReadArchive = std::unique_ptr<archive, decltype(&archive_read_free)>;
using ArchiveEntry = std::unique_ptr<archive_entry, decltype(&archive_entry_free)>;

la_ssize_t appendBytes(archive*, void* text, const void* bytes, std::size_t size)
{
    static_cast<std::string*>(text)->append(static_cast<const char*>(bytes), size);
    return static_cast<la_ssize_t>(size);
}

std::uint16_t fileTypeOf(FileStat::Type type)
{
    switch (type) {
    case FileStat::Type::Directory: return AE_IFDIR;
    case FileStat::Type::Symlink: return AE_IFLNK;
    case FileStat::Type::Regular:
    case FileStat::Type::Device:
    case FileStat::Type::Socket:
    case FileStat::Type::Pipe: break;
    }
    return AE_IFREG;
}

std::int64_t numericId(const std::string& name) { return name == "root" ? 0 : 1000; }

void describeMember(archive_entry* entry, const TarMember& member)
{
    archive_entry_set_pathname(entry, member.name.c_str());
    archive_entry_set_filetype(entry, fileTypeOf(member.stat.type));
    archive_entry_set_perm(entry, static_cast<__LA_MODE_T>(member.stat.mode));
    archive_entry_set_uname(entry, member.stat.owner.c_str());
    archive_entry_set_gname(entry, member.stat.group.c_str());
    archive_entry_set_uid(entry, numericId(member.stat.owner));
    archive_entry_set_gid(entry, numericId(member.stat.group));
    archive_entry_set_mtime(entry, std::chrono::floor<std::chrono::seconds>(member.stat.modified.time_since_epoch()).count(), 0);
    archive_entry_set_size(entry, static_cast<la_int64_t>(member.content.size()));
    if (member.stat.type == FileStat::Type::Symlink)
        archive_entry_set_symlink(entry, member.stat.target.c_str());
}

TarMember memberOf(archive* reader, archive_entry* entry)
{
    TarMember member;
    const auto text = [](const char* value) { return std::string(value == nullptr ? "" : value); };
    member.name = text(archive_entry_pathname(entry));
    member.stat.type = archive_entry_filetype(entry) == AE_IFDIR ? FileStat::Type::Directory
        : archive_entry_filetype(entry) == AE_IFLNK              ? FileStat::Type::Symlink
                                                                 : FileStat::Type::Regular;
    member.stat.mode = static_cast<std::uint32_t>(archive_entry_perm(entry));
    member.stat.owner = text(archive_entry_uname(entry));
    member.stat.group = text(archive_entry_gname(entry));
    member.stat.size = archive_entry_size(entry);
    member.stat.modified = sim::Instant(std::chrono::seconds(archive_entry_mtime(entry)));
    member.stat.target = text(archive_entry_symlink(entry));
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    while (archive_read_data_block(reader, &block, &size, &offset) == ARCHIVE_OK) {
        member.content.resize(static_cast<std::size_t>(offset), '\0'); // a hole before the block
        member.content.append(static_cast<const char*>(block), size);
    }
    return member;
}

} // namespace

std::string packTar(const std::vector<TarMember>& members, bool gzip)
{
    std::string bytes;
    const WrittenArchive writer(archive_write_new(), &archive_write_free);
    archive_write_set_format_gnutar(writer.get());
    if (gzip) {
        archive_write_add_filter_gzip(writer.get());
        archive_write_set_filter_option(writer.get(), "gzip", "timestamp", nullptr); // the host's clock is not the lab's
    }
    archive_write_set_bytes_per_block(writer.get(), kBlock);
    archive_write_set_bytes_in_last_block(writer.get(), gzip ? 1 : kBlock);
    archive_write_open(writer.get(), &bytes, nullptr, &appendBytes, nullptr);
    for (const TarMember& member : members) {
        const ArchiveEntry entry(archive_entry_new(), &archive_entry_free);
        describeMember(entry.get(), member);
        if (archive_write_header(writer.get(), entry.get()) == ARCHIVE_OK && !member.content.empty())
            archive_write_data(writer.get(), member.content.data(), member.content.size());
    }
    archive_write_close(writer.get());
    return bytes;
}

UnpackedTar unpackTar(std::string_view bytes, bool gzip)
{
    UnpackedTar unpacked;
    if (gzip && !bytes.starts_with("\x1f\x8b")) {
        unpacked.problem = UnpackedTar::Problem::NotCompressed;
        return unpacked;
    }
    const ReadArchive reader(archive_read_new(), &archive_read_free);
    archive_read_support_filter_gzip(reader.get());
    archive_read_support_format_tar(reader.get());
    if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
        unpacked.problem = UnpackedTar::Problem::NotAnArchive;
        return unpacked;
    }
    for (;;) {
        archive_entry* entry = nullptr;
        const int status = archive_read_next_header(reader.get(), &entry);
        if (status == ARCHIVE_EOF)
            return unpacked;
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
            unpacked.problem = unpacked.members.empty() ? UnpackedTar::Problem::NotAnArchive : UnpackedTar::Problem::Truncated;
            return unpacked;
        }
        unpacked.members.push_back(memberOf(reader.get(), entry));
    }
}

} // namespace core::shell
