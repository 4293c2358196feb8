#include "catalog/verify/bundle/mirror_import.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <set>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "catalog/verify/bundle/log_files.h"
#include "catalog/verify/bundle/ustar.h"
#include "catalog/verify/mirror_path.h"
#include "catalog/verify/stored_file.h"
#include "signing/digest.h"
#include "signing/log/checkpoint.h"
#include "signing/log/merkle.h"
#include "signing/log/note.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using signing::RefusalCode;
using signing::Refuse;
using Kind = MirrorPath::Kind;

// Everybody may read what a web server serves.
constexpr mode_t kFileMode = 0644;
constexpr mode_t kDirectoryMode = 0755;
// Below the directory: files that are not whole yet.
constexpr char kStaging[] = ".import";
constexpr int64_t kCheckAdvance = 6;
// What an import that did not come to its end has left.
constexpr std::array<absl::string_view, 4> kFolders = {"blob", "catalog",
                                                       "leaf", "log"};

absl::Status MakePublicDirectories(const std::string& path) {
  if (mkdir(path.c_str(), kDirectoryMode) == 0 || errno == EEXIST) {
    return absl::OkStatus();
  }
  if (errno != ENOENT || path == "/" || path == ".") {
    return absl::UnavailableError(FileFailure(path, errno).message());
  }
  ORRERY_RETURN_IF_ERROR(MakePublicDirectories(ParentOf(path)));
  if (mkdir(path.c_str(), kDirectoryMode) == 0 || errno == EEXIST) {
    return absl::OkStatus();
  }
  return absl::UnavailableError(FileFailure(path, errno).message());
}

class Importer {
 public:
  Importer(const TrustedRegistry& registry, MirrorTree& bundle,
           signing::RefreshedLog& log, const std::string& directory)
      : registry_(registry),
        bundle_(bundle),
        log_(log),
        root_(directory),
        tree_(OpenDirectoryTree(directory)) {}

  absl::Status Run() {
    ORRERY_RETURN_IF_ERROR(MakePublicDirectories(root_));
    ORRERY_ASSIGN_OR_RETURN(const Descriptor lock, LockDirectory(root_));
    ORRERY_RETURN_IF_ERROR(CheckIsMirror());
    ORRERY_RETURN_IF_ERROR(CheckGoesOn());
    ORRERY_RETURN_IF_ERROR(ClearStaging());
    ORRERY_RETURN_IF_ERROR(MakePublicDirectories(Staging()));
    for (const MirrorFile& file : bundle_.files()) {
      if (file.name.kind == Kind::kBlob || file.name.kind == Kind::kCatalog ||
          file.name.kind == Kind::kLeaf) {
        ORRERY_RETURN_IF_ERROR(CopyFile(file));
      }
    }
    // Those that the bundle leaves out, too.
    ORRERY_RETURN_IF_ERROR(ForEachTile(
        log_.leaves, [&](const signing::TileId& id, absl::string_view bytes) {
          return WriteFile(TilePath(id), bytes);
        }));
    // All of it is there before the checkpoint says so.
    if (syncfs(lock.number()) != 0) return Failure(root_);
    ORRERY_RETURN_IF_ERROR(WriteFile(kCheckpointPath, log_.state.note));
    if (syncfs(lock.number()) != 0) return Failure(root_);
    return ClearStaging();
  }

 private:
  std::string Staging() const { return absl::StrCat(root_, "/", kStaging); }

  static absl::Status Failure(const std::string& path) {
    return absl::UnavailableError(FileFailure(path, errno).message());
  }

  absl::Status ClearStaging() const {
    std::error_code error;
    std::filesystem::remove_all(Staging(), error);
    if (!error) return absl::OkStatus();
    return absl::UnavailableError(
        absl::StrCat(Staging(), ": ", error.message()));
  }

  // That it has a checkpoint, or nothing of anybody else's in it.
  absl::Status CheckIsMirror() {
    if (tree_->Read(kCheckpointPath, signing::kMaxNoteBytes).ok()) {
      return absl::OkStatus();
    }
    std::error_code error;
    for (std::filesystem::directory_iterator it(root_, error), end;
         !error && it != end; it.increment(error)) {
      const std::string name = it->path().filename().string();
      // A volume has names of its own.
      if (name.front() == '.' || name == "lost+found" ||
          std::find(kFolders.begin(), kFolders.end(), name) != kFolders.end()) {
        continue;
      }
      return absl::FailedPreconditionError(
          absl::StrCat(root_, " is no mirror, and ", name,
                       " is in it: name a new directory, or an empty one"));
    }
    if (!error) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat(root_, ": ", error.message()));
  }

  // That the directory has an earlier state of the same log, or none.
  absl::Status CheckGoesOn() {
    const auto note = tree_->Read(kCheckpointPath, signing::kMaxNoteBytes);
    if (absl::IsNotFound(note.status())) return absl::OkStatus();
    if (!note.ok()) return note.status();
    const auto at = [&](absl::Status status) {
      return signing::At({.file = absl::StrCat(root_, "/", kCheckpointPath),
                          .check = kCheckAdvance,
                          .registry = registry_.trust.registry.id},
                         std::move(status));
    };
    const auto opened = signing::OpenCheckpoint(
        *note, registry_.trust.tlog_policy.log_keys(), {});
    if (!opened.ok()) return at(opened.status());
    const signing::Checkpoint& old = opened->checkpoint;
    const signing::Checkpoint& next = log_.state.checkpoint;
    if (old.size > next.size) {
      return at(Refuse(
          RefusalCode::kLogRollback,
          absl::StrCat("the bundle is older than the directory: it has ",
                       next.size, " leaves of the log, and the directory has ",
                       old.size, "; take one that was exported since")));
    }
    ORRERY_ASSIGN_OR_RETURN(
        const std::vector<signing::Digest> proof,
        signing::ProveConsistency(old.size, next.size, log_.leaves));
    return at(signing::CheckConsistency(proof, old.size, old.root, next.size,
                                        next.root));
  }

  absl::Status CopyFile(const MirrorFile& file) {
    const std::string draft = absl::StrCat(Staging(), "/file");
    signing::DigestBuilder digest;
    {
      ORRERY_ASSIGN_OR_RETURN(const Descriptor out, CreateDraft(draft));
      ORRERY_RETURN_IF_ERROR(
          bundle_.ReadPieces(file.path, kMaxUstarBytes,
                             [&](absl::string_view piece) -> absl::Status {
                               digest.Add(piece);
                               return WriteAll(out.number(), draft, piece);
                             }));
    }
    if (file.name.kind != Kind::kLeaf && digest.Finish() != file.name.digest) {
      return Refuse(RefusalCode::kContentDigest,
                    absl::StrCat(file.path, " of ", bundle_.name(),
                                 " has changed while it was read"));
    }
    return Place(draft, file.path);
  }

  absl::Status WriteFile(const std::string& path, absl::string_view bytes) {
    const auto there = tree_->Read(path, static_cast<int64_t>(bytes.size()));
    if (there.ok() && *there == bytes) return absl::OkStatus();
    const std::string draft = absl::StrCat(Staging(), "/file");
    {
      ORRERY_ASSIGN_OR_RETURN(const Descriptor out, CreateDraft(draft));
      ORRERY_RETURN_IF_ERROR(WriteAll(out.number(), draft, bytes));
    }
    return Place(draft, path);
  }

  static absl::StatusOr<Descriptor> CreateDraft(const std::string& path) {
    Descriptor out(open(path.c_str(),
                        O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                        kFileMode));
    if (!out.is_open()) return Failure(path);
    return out;
  }

  absl::Status Place(const std::string& draft, const std::string& path) {
    const std::string full = absl::StrCat(root_, "/", path);
    const std::string folder = ParentOf(full);
    if (folders_.insert(folder).second) {
      ORRERY_RETURN_IF_ERROR(MakePublicDirectories(folder));
    }
    if (std::rename(draft.c_str(), full.c_str()) == 0) return absl::OkStatus();
    return Failure(full);
  }

  const TrustedRegistry& registry_;
  MirrorTree& bundle_;
  signing::RefreshedLog& log_;
  const std::string root_;
  const std::unique_ptr<FileTree> tree_;
  // Those that were made.
  std::set<std::string> folders_;
};

}  // namespace

absl::Status ImportBundle(const TrustedRegistry& registry, MirrorTree& bundle,
                          signing::RefreshedLog& log,
                          const std::string& directory) {
  return Importer(registry, bundle, log, directory).Run();
}

}  // namespace orrery::catalog
