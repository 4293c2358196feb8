#include "catalog/orchestrator/task/unpack.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "archive.h"
#include "archive_entry.h"
#include "registry/git/descriptor.h"
#include "registry/store/durable_file.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::Descriptor;

using registry::FileError;

constexpr size_t kReadBytes = size_t{64} << 10;
constexpr mode_t kPermissions = 0777;

absl::Status Refuse(absl::string_view entry, absl::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat("archive entry '", entry, "' ", reason));
}

// The parts of an entry's path; kInvalidArgument when it could leave.
absl::StatusOr<std::vector<std::string>> PathParts(absl::string_view path) {
  if (path.empty()) return Refuse(path, "has no name");
  if (path.front() == '/') return Refuse(path, "has an absolute path");
  std::vector<std::string> parts;
  for (const absl::string_view part : absl::StrSplit(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") return Refuse(path, "climbs out by '..'");
    parts.emplace_back(part);
  }
  return parts;
}

// Whether a link at `depth` folders below the root stays inside. `..` counts
// only at the beginning, where it walks up real folders: after a name it could
// walk up from wherever a link of that name leads.
bool LinkStaysInside(absl::string_view target, size_t depth) {
  if (target.empty() || target.front() == '/') return false;
  size_t climbed = 0;
  bool descended = false;
  for (const absl::string_view part : absl::StrSplit(target, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      descended = true;
    } else if (descended || ++climbed > depth) {
      return false;
    }
  }
  return true;
}

class Unpacker {
 public:
  Unpacker(struct archive* source, int root, const UnpackOptions& options)
      : source_(source), root_(root), options_(options) {}

  absl::Status Run(absl::string_view single_name) {
    struct archive_entry* entry = nullptr;
    while (true) {
      const int result = archive_read_next_header(source_, &entry);
      if (result == ARCHIVE_EOF) return absl::OkStatus();
      if (result < ARCHIVE_WARN) return Broken();
      if (++entries_ > options_.max_entries) {
        return absl::InvalidArgumentError(absl::StrCat(
            "the archive has more than ", options_.max_entries, " entries"));
      }
      const char* const path = archive_entry_pathname(entry);
      const std::string name = single_name.empty()
                                   ? (path == nullptr ? "" : path)
                                   : std::string(single_name);
      ORRERY_RETURN_IF_ERROR(TakeEntry(entry, name));
    }
  }

  std::vector<std::string> TakeMade() { return std::move(made_); }

 private:
  absl::Status Broken() const {
    const char* const reason = archive_error_string(source_);
    return absl::InvalidArgumentError(absl::StrCat(
        "broken archive: ", reason == nullptr ? "unknown fault" : reason));
  }

  absl::Status TakeEntry(struct archive_entry* entry, const std::string& name) {
    ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> parts,
                            PathParts(name));
    const mode_t mode = archive_entry_mode(entry);
    if ((mode & (S_ISUID | S_ISGID)) != 0 && !S_ISDIR(mode)) {
      return Refuse(name, "has the set-uid or set-gid bit");
    }
    if (parts.empty()) return absl::OkStatus();
    ORRERY_ASSIGN_OR_RETURN(
        const Descriptor parent,
        EnterFolders({parts.begin(), parts.end() - 1}, name));
    if (const char* const target = archive_entry_hardlink(entry)) {
      return MakeHardLink(parent.get(), parts.back(), target, name);
    }
    switch (archive_entry_filetype(entry)) {
      case AE_IFDIR:
        return MakeFolder(parent.get(), parts.back(), name,
                          (mode & kPermissions) | S_IRWXU);
      case AE_IFLNK:
        return MakeLink(parent.get(), parts, archive_entry_symlink(entry),
                        name);
      case AE_IFREG:
        return WriteFile(parent.get(), parts.back(), name,
                         mode == 0 ? 0644 : (mode & kPermissions) | S_IRUSR);
      default:
        return Refuse(name, "is a device, socket or pipe");
    }
  }

  // Opens the folders one by one without following a link, making those that
  // are missing.
  absl::StatusOr<Descriptor> EnterFolders(
      const std::vector<std::string>& folders, const std::string& name) {
    Descriptor at(fcntl(root_, F_DUPFD_CLOEXEC, 0));
    for (const std::string& folder : folders) {
      ORRERY_RETURN_IF_ERROR(MakeFolder(at.get(), folder, name, 0755));
      Descriptor next(openat(at.get(), folder.c_str(),
                             O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (!next.ok()) {
        return Refuse(name, "lies below a link or a file");
      }
      at = std::move(next);
    }
    return at;
  }

  absl::Status MakeFolder(int parent, const std::string& folder,
                          const std::string& name, mode_t mode) {
    if (mkdirat(parent, folder.c_str(), mode) != 0) {
      if (errno == EEXIST) return absl::OkStatus();
      return FileError("cannot make folder of archive entry", name, errno);
    }
    return Own(parent, folder, name);
  }

  absl::Status MakeLink(int parent, const std::vector<std::string>& parts,
                        const char* target, const std::string& name) {
    if (target == nullptr || !LinkStaysInside(target, parts.size() - 1)) {
      return Refuse(name, absl::StrCat("links out of the sandbox, to '",
                                       target == nullptr ? "" : target, "'"));
    }
    ORRERY_RETURN_IF_ERROR(MakeRoom(parent, parts.back(), name));
    if (symlinkat(target, parent, parts.back().c_str()) != 0) {
      return FileError("cannot make link of archive entry", name, errno);
    }
    made_.push_back(name);
    return Own(parent, parts.back(), name);
  }

  absl::Status MakeHardLink(int parent, const std::string& file,
                            const std::string& target,
                            const std::string& name) {
    ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> parts,
                            PathParts(target));
    if (parts.empty()) return Refuse(name, "is a link to nothing");
    ORRERY_ASSIGN_OR_RETURN(
        const Descriptor from,
        EnterFolders({parts.begin(), parts.end() - 1}, name));
    struct stat status = {};
    if (fstatat(from.get(), parts.back().c_str(), &status,
                AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(status.st_mode)) {
      return Refuse(name, absl::StrCat("is a hard link to '", target,
                                       "', which is no file of the archive"));
    }
    if (from.get() == parent && parts.back() == file) return absl::OkStatus();
    ORRERY_RETURN_IF_ERROR(MakeRoom(parent, file, name));
    if (linkat(from.get(), parts.back().c_str(), parent, file.c_str(), 0) !=
        0) {
      return FileError("cannot make link of archive entry", name, errno);
    }
    made_.push_back(name);
    return absl::OkStatus();
  }

  absl::Status WriteFile(int parent, const std::string& file,
                         const std::string& name, mode_t mode) {
    ORRERY_RETURN_IF_ERROR(MakeRoom(parent, file, name));
    const Descriptor out(
        openat(parent, file.c_str(),
               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!out.ok()) {
      return FileError("cannot make file of archive entry", name, errno);
    }
    made_.push_back(name);
    ORRERY_RETURN_IF_ERROR(CopyContent(out.get(), name));
    // The umask has its say above, and not here.
    fchmod(out.get(), mode);
    return Own(parent, file, name);
  }

  // Sparse entries come as blocks with offsets; a hole counts as what it
  // unpacks to.
  absl::Status CopyContent(int out, const std::string& name) {
    const void* block = nullptr;
    size_t size = 0;
    la_int64_t offset = 0;
    int64_t end = 0;
    while (true) {
      const int result =
          archive_read_data_block(source_, &block, &size, &offset);
      if (result == ARCHIVE_EOF) break;
      if (result < ARCHIVE_WARN) return Broken();
      const int64_t block_end = offset + static_cast<int64_t>(size);
      if (offset < 0 || block_end < end) return Broken();
      bytes_ += block_end - end;
      end = block_end;
      if (bytes_ > options_.max_bytes) {
        return absl::InvalidArgumentError(absl::StrCat(
            "the archive unpacks to more than ", options_.max_bytes, " bytes"));
      }
      ORRERY_RETURN_IF_ERROR(WriteBlock(
          out, {static_cast<const char*>(block), size}, offset, name));
    }
    if (ftruncate(out, end) != 0) {
      return FileError("cannot write archive entry", name, errno);
    }
    return absl::OkStatus();
  }

  static absl::Status WriteBlock(int out, absl::string_view bytes,
                                 int64_t offset, const std::string& name) {
    while (!bytes.empty()) {
      const ssize_t written = pwrite(out, bytes.data(), bytes.size(), offset);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        return FileError("cannot write archive entry", name, errno);
      }
      bytes.remove_prefix(static_cast<size_t>(written));
      offset += written;
    }
    return absl::OkStatus();
  }

  // A later entry of the same path replaces the earlier one, as tar does.
  static absl::Status MakeRoom(int parent, const std::string& file,
                               const std::string& name) {
    if (unlinkat(parent, file.c_str(), 0) == 0 || errno == ENOENT) {
      return absl::OkStatus();
    }
    return Refuse(name, "takes the place of a folder");
  }

  absl::Status Own(int parent, const std::string& file,
                   const std::string& name) const {
    if (!options_.owner.has_value()) return absl::OkStatus();
    if (fchownat(parent, file.c_str(), options_.owner->user,
                 options_.owner->group, AT_SYMLINK_NOFOLLOW) != 0) {
      return FileError("cannot give away archive entry", name, errno);
    }
    return absl::OkStatus();
  }

  struct archive* const source_;
  const int root_;
  const UnpackOptions& options_;
  int64_t entries_ = 0;
  int64_t bytes_ = 0;
  std::vector<std::string> made_;
};

// The name of the one file in a plain `.gz`, or empty for an archive.
std::string SingleFileName(absl::string_view name) {
  if (!absl::EndsWith(name, ".gz") || absl::EndsWith(name, ".tar.gz")) {
    return "";
  }
  return std::string(absl::StripSuffix(name, ".gz"));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> Unpack(int archive,
                                                absl::string_view name,
                                                int directory,
                                                const UnpackOptions& options) {
  const std::unique_ptr<struct archive, decltype(&archive_read_free)> source(
      archive_read_new(), &archive_read_free);
  const std::string single = SingleFileName(name);
  archive_read_support_filter_gzip(source.get());
  archive_read_support_filter_bzip2(source.get());
  archive_read_support_filter_xz(source.get());
  if (single.empty()) {
    archive_read_support_format_tar(source.get());
    archive_read_support_format_zip(source.get());
  } else {
    archive_read_support_format_raw(source.get());
  }
  if (lseek(archive, 0, SEEK_SET) != 0 ||
      archive_read_open_fd(source.get(), archive, kReadBytes) != ARCHIVE_OK) {
    const char* const reason = archive_error_string(source.get());
    return absl::InvalidArgumentError(absl::StrCat(
        "broken archive: ", reason == nullptr ? "cannot be read" : reason));
  }
  Unpacker unpacker(source.get(), directory, options);
  ORRERY_RETURN_IF_ERROR(unpacker.Run(single));
  return unpacker.TakeMade();
}

}  // namespace orrery::catalog
