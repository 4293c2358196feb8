#include "catalog/resolution/named_snapshot.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "resolver/version.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::ReleasePtr;
using registry::SourceContents;
using registry::SourceVersion;

// Another reader, and beside it some past releases.
class NamedReader : public registry::SnapshotReader {
 public:
  NamedReader(std::shared_ptr<registry::SnapshotReader> current,
              std::vector<PastRelease> past)
      : current_(std::move(current)), past_(std::move(past)) {}

  absl::StatusOr<std::vector<ReleasePtr>> ReadReleases(
      const SourceVersion& source, absl::string_view package) override {
    std::vector<ReleasePtr> releases;
    // One that is not there any more has past releases alone.
    if (source.source != kGone) {
      ORRERY_ASSIGN_OR_RETURN(releases,
                              current_->ReadReleases(source, package));
    }
    for (const PastRelease& past : past_) {
      if (past.release->source != source.name ||
          past.release->name != package) {
        continue;
      }
      // What was taken back, and is there all the same.
      const auto same = std::find_if(
          releases.begin(), releases.end(), [&](const ReleasePtr& other) {
            return other->release == past.release->release &&
                   other->files == past.release->files;
          });
      if (same != releases.end()) {
        *same = past.release;
        continue;
      }
      // Below what is current of its number.
      const auto place = std::find_if(
          releases.begin(), releases.end(), [&](const ReleasePtr& other) {
            return other->release < past.release->release;
          });
      releases.insert(place, past.release);
    }
    return releases;
  }
  absl::StatusOr<std::vector<ReleasePtr>> ReadOverlays(
      const SourceVersion& source, absl::string_view package) override {
    return current_->ReadOverlays(source, package);
  }
  // What provides something is asked for by its name.
  absl::StatusOr<std::vector<std::string>> ReadMentioning(
      const SourceVersion& source, absl::string_view name) override {
    if (source.source == kGone) return std::vector<std::string>();
    return current_->ReadMentioning(source, name);
  }
  absl::StatusOr<std::vector<std::string>> ReadMentions(
      const SourceVersion& source, absl::string_view prefix) override {
    if (source.source == kGone) return std::vector<std::string>();
    return current_->ReadMentions(source, prefix);
  }
  absl::StatusOr<std::vector<std::string>> ReadPackageNames(
      const SourceVersion& source) override {
    if (source.source == kGone) return std::vector<std::string>();
    return current_->ReadPackageNames(source);
  }
  absl::StatusOr<std::vector<std::string>> ReadOverlayNames(
      const SourceVersion& source) override {
    return current_->ReadOverlayNames(source);
  }
  std::vector<std::string> SimilarNames(absl::string_view name) override {
    return current_->SimilarNames(name);
  }
  absl::StatusOr<std::string> Read(const signing::Digest& digest) override {
    for (const PastRelease& past : past_) {
      const auto found = past.contents.find(digest);
      if (found != past.contents.end()) return found->second;
    }
    return current_->Read(digest);
  }

  static constexpr int64_t kGone = -1;

 private:
  const std::shared_ptr<registry::SnapshotReader> current_;
  const std::vector<PastRelease> past_;
};

// Best first; sources that are not there any more come last.
std::vector<std::shared_ptr<const SourceContents>> SourcesOf(
    const registry::Snapshot& snapshot, const std::vector<PastRelease>& past) {
  auto sources = snapshot.sources();
  for (const PastRelease& one : past) {
    const std::string& name = one.release->source;
    const bool is_known = std::any_of(
        sources.begin(), sources.end(),
        [&name](const auto& source) { return source->name == name; });
    if (is_known) continue;
    auto gone = std::make_shared<SourceContents>();
    gone->name = name;
    gone->url = one.source_url;
    gone->priority = std::numeric_limits<int32_t>::max();
    gone->version.source = NamedReader::kGone;
    gone->version.name = name;
    sources.push_back(std::move(gone));
  }
  return sources;
}

}  // namespace

std::vector<NamedContent> ContentsNamedBy(const ResolveQuery& query) {
  std::vector<NamedContent> named;
  for (const AskedTree& asked : query.trees) {
    named.push_back({asked.package, asked.tree});
  }
  for (const RequestItem& item : query.items) {
    if (!item.revision.has_value()) continue;
    named.push_back({item.name, "", item.versions, *item.revision});
  }
  if (!query.lock.has_value()) return named;
  for (const LockedNode& node : query.lock->nodes) {
    named.push_back({node.package, node.tree});
    named.back().is_wish = !query.locked;
  }
  return named;
}

bool NamesTree(const ResolveQuery& query, absl::string_view package,
               absl::string_view tree) {
  const auto is_it = [&](const auto& named) {
    return named.package == package && named.tree == tree;
  };
  return std::any_of(query.trees.begin(), query.trees.end(), is_it) ||
         (query.lock.has_value() &&
          std::any_of(query.lock->nodes.begin(), query.lock->nodes.end(),
                      is_it));
}

bool NamesRevision(const ResolveQuery& query, absl::string_view package,
                   absl::string_view version, int64_t release,
                   int64_t revision) {
  const auto label = resolver::Version::Parse(version);
  return label.ok() &&
         std::any_of(query.items.begin(), query.items.end(),
                     [&](const RequestItem& item) {
                       return item.name == package &&
                              item.revision == revision &&
                              item.versions.Contains(
                                  *label, static_cast<uint64_t>(release),
                                  resolver::PrereleaseGate::kOpen);
                     });
}

absl::StatusOr<registry::SnapshotPtr> WithNamed(
    registry::SnapshotPtr snapshot, const ReleaseAdmission& admission,
    const std::vector<NamedContent>& named) {
  std::vector<PastRelease> past;
  if (snapshot->reader() == nullptr) return snapshot;
  for (const NamedContent& one : named) {
    absl::StatusOr<std::vector<PastRelease>> found = admission.ReadPast(one);
    if (!found.ok() && one.is_wish) continue;
    ORRERY_RETURN_IF_ERROR(found.status());
    for (PastRelease& release : *found) {
      const bool is_taken = std::any_of(
          past.begin(), past.end(), [&release](const PastRelease& other) {
            return *other.release == *release.release;
          });
      if (!is_taken) past.push_back(std::move(release));
    }
  }
  if (past.empty()) return snapshot;
  auto sources = SourcesOf(*snapshot, past);
  return std::make_shared<const registry::Snapshot>(
      snapshot->generation(), std::move(sources), snapshot->visible_packages(),
      std::make_shared<NamedReader>(snapshot->reader(), std::move(past)));
}

}  // namespace orrery::catalog
