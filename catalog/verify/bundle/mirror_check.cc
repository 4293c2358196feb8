#include "catalog/verify/bundle/mirror_check.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

#include "catalog/verify/bundle/mirror_content.h"
#include "catalog/verify/state_directory.h"
#include "signing/client/checkpoint_check.h"
#include "signing/client/client_state.h"
#include "signing/log/checkpoint.h"
#include "signing/log/note.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using signing::At;
using signing::RefusalCode;
using signing::Refuse;

constexpr int64_t kCheckNote = 4;
constexpr int64_t kCheckAdvance = 6;

// What is not in the first is looked for in the second, if there is one.
class StackedTree final : public FileTree {
 public:
  StackedTree(std::unique_ptr<MirrorTree> top, std::unique_ptr<FileTree> below)
      : top_(std::move(top)), below_(std::move(below)) {}

  const std::string& name() const override { return top_->name(); }
  bool is_remote() const override { return false; }
  absl::StatusOr<std::string> Read(absl::string_view path,
                                   int64_t max_bytes) override {
    auto bytes = top_->Read(path, max_bytes);
    if (below_ == nullptr || !absl::IsNotFound(bytes.status())) return bytes;
    return below_->Read(path, max_bytes);
  }

 private:
  const std::unique_ptr<MirrorTree> top_;
  const std::unique_ptr<FileTree> below_;
};

absl::StatusOr<signing::Checkpoint> ReadCheckpoint(FileTree& tree) {
  ORRERY_ASSIGN_OR_RETURN(const std::string bytes,
                          tree.Read(kCheckpointPath, signing::kMaxNoteBytes));
  ORRERY_ASSIGN_OR_RETURN(const signing::Note note, signing::ParseNote(bytes));
  return signing::ParseCheckpoint(note.text);
}

// The registry whose log a tree has.
absl::StatusOr<TrustedRegistry*> FindRegistry(const signing::Checkpoint& log,
                                              TrustSetup& setup) {
  const auto found = std::find_if(
      setup.registries.begin(), setup.registries.end(),
      [&](const TrustedRegistry& one) {
        return one.trust.tlog_policy.log_keys().front().name() == log.origin;
      });
  if (found != setup.registries.end()) return &*found;
  return Refuse(
      RefusalCode::kLogOrigin,
      absl::StrCat("it has the log ", log.origin, ", and ", setup.policy_name,
                   " knows no such registry: what it believes of "
                   "one must come by another way than a bundle"));
}

// How many leaves a bundle leaves out: the right edge of the state that it goes
// on from is in it, or its entries begin there.
uint64_t BaseOf(const MirrorTree& tree, uint64_t size) {
  if (!tree.is_bundle()) return 0;
  std::optional<uint64_t> first_bundle;
  for (const MirrorFile& file : tree.files()) {
    if (file.name.kind != MirrorPath::Kind::kTile) continue;
    const signing::TileId& id = file.name.tile;
    const uint64_t start = id.index * signing::kTileWidth;
    if (id.level == signing::TileId::kEntries) {
      first_bundle = std::min(first_bundle.value_or(start), start);
    }
    if (id.level == 0 && !id.is_full() && start + id.width < size) {
      return start + static_cast<uint64_t>(id.width);
    }
  }
  return first_bundle.value_or(0);
}

// How many leaves of its log the client has seen.
absl::StatusOr<uint64_t> SeenSize(const TrustedRegistry& registry,
                                  absl::Duration timeout) {
  ORRERY_ASSIGN_OR_RETURN(
      const auto state,
      StateDirectory::Lock(registry.state_directory, timeout));
  ORRERY_ASSIGN_OR_RETURN(const std::optional<std::string> bytes,
                          state->Read());
  if (!bytes.has_value()) return 0;
  ORRERY_ASSIGN_OR_RETURN(
      const signing::ClientState stored,
      signing::ParseClientState(*bytes, registry.trust.tlog_policy.log_keys()));
  return stored.checkpoint.size;
}

absl::Status Gap(absl::string_view what, uint64_t base, uint64_t seen,
                 uint64_t size) {
  return Refuse(RefusalCode::kBundleGap,
                absl::StrCat(what, "it goes on from ", base, " leaves to ",
                             size, ", and ", seen, " were seen here before"));
}

class MirrorChecker {
 public:
  MirrorChecker(TrustSetup& setup, VerifierOptions options)
      : setup_(setup), options_(std::move(options)) {
    options_.is_offline = true;
    options_.takes_stored = false;
  }

  absl::StatusOr<CheckedMirror> Run(std::unique_ptr<MirrorTree> tree,
                                    std::unique_ptr<FileTree> base) {
    checked_.tree = tree.get();
    ORRERY_ASSIGN_OR_RETURN(TrustedRegistry* const registry, Find());
    checked_.registry = registry->trust.registry.id;
    const auto at = [&](absl::Status status) {
      return At({.file = checked_.tree->name(), .registry = checked_.registry},
                std::move(status));
    };
    ORRERY_RETURN_IF_ERROR(at(CheckBase(*registry, base.get())));
    registry->places.clear();
    registry->places.push_back(
        std::make_unique<StackedTree>(std::move(tree), std::move(base)));
    checked_.verifier = std::make_unique<Verifier>(setup_, options_);
    auto opened = checked_.verifier->Open(checked_.registry);
    if (!opened.ok()) return at(GapOf(opened.status()));
    auto content = ReadMirrorContent(*checked_.tree, opened->view.log);
    if (!content.ok()) return at(content.status());
    checked_.artifacts = std::move(content->artifacts);
    for (const CarriedRevision& revision : content->revisions) {
      if (!revision.is_overlay) ORRERY_RETURN_IF_ERROR(Take(revision));
    }
    return std::move(checked_);
  }

 private:
  absl::StatusOr<TrustedRegistry*> Find() {
    const auto at = [&](absl::Status status) {
      return At({.file = checked_.tree->name(), .check = kCheckNote},
                std::move(status));
    };
    auto checkpoint = ReadCheckpoint(*checked_.tree);
    if (absl::IsNotFound(checkpoint.status())) {
      return at(Refuse(RefusalCode::kBundleGap,
                       absl::StrCat("has no ", kCheckpointPath)));
    }
    if (absl::IsResourceExhausted(checkpoint.status())) {
      return at(Refuse(RefusalCode::kLogSyntax, checkpoint.status().message()));
    }
    if (!checkpoint.ok()) return at(checkpoint.status());
    size_ = checkpoint->size;
    auto registry = FindRegistry(*checkpoint, setup_);
    if (!registry.ok()) return at(registry.status());
    return registry;
  }

  // Steps 4 and 5, before it is said that something is missing, that it is not
  // older than what was seen, and that the leaves which a bundle leaves out
  // were seen.
  absl::Status CheckBase(const TrustedRegistry& registry, FileTree* base) {
    ORRERY_ASSIGN_OR_RETURN(
        const std::string note,
        checked_.tree->Read(kCheckpointPath, signing::kMaxNoteBytes));
    ORRERY_RETURN_IF_ERROR(
        signing::CheckCheckpoint(registry.trust, note, options_.now,
                                 signing::Transport::kOffline)
            .status());
    ORRERY_ASSIGN_OR_RETURN(seen_, SeenSize(registry, options_.lock_timeout));
    if (size_ < seen_) {
      return At({.check = kCheckAdvance},
                Refuse(RefusalCode::kLogRollback,
                       absl::StrCat("it is older than what was seen here: it "
                                    "has ",
                                    size_, " leaves of the log, and ", seen_,
                                    " were seen; take one that was exported "
                                    "since")));
    }
    if (base != nullptr) {
      const auto below = ReadCheckpoint(*base);
      if (below.ok()) seen_ = std::max(seen_, below->size);
    }
    base_ = BaseOf(*checked_.tree, size_);
    if (base_ <= seen_) return absl::OkStatus();
    return At({.check = kCheckAdvance}, Gap("", base_, seen_, size_));
  }

  // What is not there at all is a hole; what is there is judged as anywhere.
  absl::Status GapOf(const absl::Status& status) const {
    const std::optional<signing::Refusal> refusal = signing::RefusalOf(status);
    if (!refusal.has_value() || refusal->code != RefusalCode::kLogUnavailable) {
      return status;
    }
    return At(refusal->place,
              Gap(absl::StrCat(refusal->detail, ": "), base_, seen_, size_));
  }

  absl::Status Take(const CarriedRevision& revision) {
    const auto route = setup_.policy.RouteOf(revision.package);
    if (!route.ok() || route->registry != checked_.registry ||
        (!route->source.empty() && route->source != revision.key.source)) {
      if (checked_.unrouted.empty() ||
          checked_.unrouted.back() != revision.package) {
        checked_.unrouted.push_back(revision.package);
      }
      return absl::OkStatus();
    }
    // It is named, as by a lock file, by whoever put it there.
    auto release = checked_.verifier->VerifyRevision(
        revision.package, revision.key,
        {.is_named_by_tree = true, .is_named_by_revision = true});
    if (release.ok()) {
      release->files.clear();
      release->overlays.clear();
      checked_.releases.push_back(*std::move(release));
      return absl::OkStatus();
    }
    const absl::Status status = GapOf(release.status());
    if (!signing::RefusalOf(status).has_value()) return status;
    checked_.refused.push_back(status);
    return absl::OkStatus();
  }

  TrustSetup& setup_;
  VerifierOptions options_;
  CheckedMirror checked_;
  // Leaves of the log, of those that the bundle leaves out, and of those that
  // were seen before.
  uint64_t size_ = 0;
  uint64_t base_ = 0;
  uint64_t seen_ = 0;
};

}  // namespace

absl::StatusOr<CheckedMirror> CheckMirror(TrustSetup& setup,
                                          std::unique_ptr<MirrorTree> tree,
                                          std::unique_ptr<FileTree> base,
                                          VerifierOptions options) {
  return MirrorChecker(setup, std::move(options))
      .Run(std::move(tree), std::move(base));
}

}  // namespace orrery::catalog
