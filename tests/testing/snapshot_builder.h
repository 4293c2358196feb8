#ifndef TESTS_TESTING_SNAPSHOT_BUILDER_H_
#define TESTS_TESTING_SNAPSHOT_BUILDER_H_

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "registry/format/relations_document.h"
#include "registry/index/snapshot.h"
#include "registry/index/snapshot_reader.h"
#include "registry/judge/release.h"
#include "resolver/spelling.h"
#include "signing/digest.h"

namespace orrery::tests {

// Releases and their bytes in memory.
class FakeSnapshotReader : public registry::SnapshotReader {
 public:
  signing::Digest Put(const std::string& bytes) {
    const signing::Digest digest = signing::Digest::Of(bytes);
    bytes_[digest] = bytes;
    return digest;
  }
  // Of one package from the highest number down.
  void AddRelease(const registry::ReleasePtr& release) {
    releases_[{release->source, release->name}].push_back(release);
  }
  void Hide(const std::string& name, int64_t number) {
    for (registry::ReleasePtr& release : releases_.at({"example", name})) {
      if (release->release != number) continue;
      auto hidden = std::make_shared<registry::Release>(*release);
      hidden->hidden = true;
      release = std::move(hidden);
    }
  }
  void AddOverlay(const registry::ReleasePtr& overlay) {
    overlays_[{overlay->source, overlay->name}].push_back(overlay);
  }
  void AddMentions(const registry::Release& holder,
                   const std::string& relations) {
    const auto parsed = registry::ParseRelations(
        relations, {holder.name, holder.release, holder.source == "extra", {}});
    for (const std::string& mention :
         registry::RelationMentions(parsed.document.relations)) {
      mentions_.insert({{holder.source, mention}, holder.name});
    }
  }

  absl::StatusOr<std::vector<registry::ReleasePtr>> ReadReleases(
      const registry::SourceVersion& source,
      absl::string_view package) override {
    const auto found = releases_.find({source.name, std::string(package)});
    if (found == releases_.end()) return std::vector<registry::ReleasePtr>();
    return found->second;
  }
  absl::StatusOr<std::vector<std::string>> ReadPackageNames(
      const registry::SourceVersion& source) override {
    std::vector<std::string> names;
    for (const auto& [key, releases] : releases_) {
      if (key.first == source.name) names.push_back(key.second);
    }
    return names;
  }
  absl::StatusOr<std::vector<std::string>> ReadOverlayNames(
      const registry::SourceVersion& source) override {
    std::vector<std::string> names;
    for (const auto& [key, overlays] : overlays_) {
      if (key.first == source.name) names.push_back(key.second);
    }
    return names;
  }
  absl::StatusOr<std::vector<registry::ReleasePtr>> ReadOverlays(
      const registry::SourceVersion& source,
      absl::string_view package) override {
    const auto found = overlays_.find({source.name, std::string(package)});
    if (found == overlays_.end()) return std::vector<registry::ReleasePtr>();
    return found->second;
  }
  absl::StatusOr<std::vector<std::string>> ReadMentioning(
      const registry::SourceVersion& source, absl::string_view name) override {
    std::set<std::string> packages;
    for (const auto& [key, package] : mentions_) {
      if (key == std::make_pair(source.name, std::string(name))) {
        packages.insert(package);
      }
    }
    return std::vector<std::string>(packages.begin(), packages.end());
  }
  absl::StatusOr<std::vector<std::string>> ReadMentions(
      const registry::SourceVersion& source,
      absl::string_view prefix) override {
    std::set<std::string> found;
    for (const auto& [key, package] : mentions_) {
      if (key.first == source.name && absl::StartsWith(key.second, prefix)) {
        found.insert(key.second);
      }
    }
    return std::vector<std::string>(found.begin(), found.end());
  }
  std::vector<std::string> SimilarNames(absl::string_view name) override {
    std::vector<std::string> known;
    for (const auto& [key, releases] : releases_) {
      for (const auto& release : releases) {
        if (!release->hidden) known.push_back(release->name);
      }
    }
    known.erase(std::unique(known.begin(), known.end()), known.end());
    return resolver::NearestWords(name, known);
  }
  absl::StatusOr<std::string> Read(const signing::Digest& digest) override {
    const auto found = bytes_.find(digest);
    if (found == bytes_.end()) return absl::NotFoundError(digest.Hex());
    return found->second;
  }

 private:
  std::map<signing::Digest, std::string> bytes_;
  // By source and package.
  std::map<std::pair<std::string, std::string>,
           std::vector<registry::ReleasePtr>>
      releases_;
  std::map<std::pair<std::string, std::string>,
           std::vector<registry::ReleasePtr>>
      overlays_;
  // Packages by source and what they mention.
  std::multimap<std::pair<std::string, std::string>, std::string> mentions_;
};

// A snapshot of a source, `example`, its overlay `extra` and a source that
// comes before it, `better`, made by hand. Releases are added by name and from
// the highest number down.
class SnapshotBuilder {
 public:
  SnapshotBuilder& AddRelease(const std::string& name, int64_t number,
                              const std::string& version,
                              const std::map<std::string, std::string>& files,
                              const std::string& source = "example") {
    auto release = MakeRelease(source, name, number, files);
    release->version = version;
    reader_->AddRelease(std::move(release));
    return *this;
  }
  // Requires: it was added.
  SnapshotBuilder& Hide(const std::string& name, int64_t number) {
    reader_->Hide(name, number);
    return *this;
  }
  SnapshotBuilder& AddOverlay(const std::string& name, int64_t number,
                              const std::string& relations) {
    reader_->AddOverlay(
        MakeRelease("extra", name, number, {{"relations.json", relations}}));
    return *this;
  }

  registry::SnapshotPtr Build() const {
    auto source = std::make_shared<registry::SourceContents>();
    source->name = "example";
    source->url = "file:///srv/example";
    source->version.name = "example";
    auto better = std::make_shared<registry::SourceContents>();
    better->name = "better";
    better->version.name = "better";
    auto overlay = std::make_shared<registry::SourceContents>();
    overlay->name = "extra";
    overlay->version.name = "extra";
    overlay->overlay_of = "example";
    return std::make_shared<registry::Snapshot>(
        1,
        std::vector<std::shared_ptr<const registry::SourceContents>>{
            better, source, overlay},
        /*visible_packages=*/0, reader_);
  }

 private:
  std::shared_ptr<registry::Release> MakeRelease(
      const std::string& source, const std::string& name, int64_t number,
      const std::map<std::string, std::string>& files) {
    auto release = std::make_shared<registry::Release>();
    release->name = name;
    release->release = number;
    release->source = source;
    release->directory = absl::StrCat(
        "repo/packages/", std::string(1, absl::ascii_toupper(name[0])), "/",
        name, "/", number);
    for (const auto& [file, bytes] : files) {
      release->files.push_back(
          {file, 0100644, bytes.size(), reader_->Put(bytes)});
      if (file == "relations.json") reader_->AddMentions(*release, bytes);
    }
    return release;
  }

  std::shared_ptr<FakeSnapshotReader> reader_ =
      std::make_shared<FakeSnapshotReader>();
};

}  // namespace orrery::tests

#endif  // TESTS_TESTING_SNAPSHOT_BUILDER_H_
