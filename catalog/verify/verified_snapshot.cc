#include "catalog/verify/verified_snapshot.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

#include "catalog/verify/content_agreement.h"
#include "catalog/verify/logged_release.h"
#include "catalog/verify/release_files.h"
#include "registry/format/relations_document.h"
#include "registry/format/release_files.h"
#include "signing/client/release_check.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::ReleasePtr;
using registry::SourceVersion;
using signing::RevisionContent;

class VerifiedReader : public registry::SnapshotReader {
 public:
  explicit VerifiedReader(const LogFiles& files) : files_(files) {}

  absl::StatusOr<std::vector<ReleasePtr>> ReadReleases(
      const SourceVersion& source, absl::string_view package) override {
    return Current(source.name, package, /*is_overlay=*/false);
  }
  absl::StatusOr<std::vector<ReleasePtr>> ReadOverlays(
      const SourceVersion& source, absl::string_view package) override {
    return Current(source.name, package, /*is_overlay=*/true);
  }
  absl::StatusOr<std::vector<std::string>> ReadMentioning(
      const SourceVersion& source, absl::string_view name) override;
  // Who solves for a cluster has the facts that it has; what else relations
  // name is there to be explained.
  absl::StatusOr<std::vector<std::string>> ReadMentions(
      const SourceVersion&, absl::string_view) override {
    return std::vector<std::string>();
  }
  absl::StatusOr<std::vector<std::string>> ReadPackageNames(
      const SourceVersion& source) override;
  absl::StatusOr<std::vector<std::string>> ReadOverlayNames(
      const SourceVersion& source) override {
    return ReadPackageNames(source);
  }
  std::vector<std::string> SimilarNames(absl::string_view) override {
    return {};
  }
  absl::StatusOr<std::string> Read(const signing::Digest& digest) override;

 private:
  using Key = std::pair<std::string, std::string>;

  const signing::LogState& log() const { return *files_.log; }
  absl::StatusOr<std::vector<ReleasePtr>> Current(const std::string& source,
                                                  absl::string_view package,
                                                  bool is_overlay);
  absl::StatusOr<ReleasePtr> ReadRelease(absl::string_view package,
                                         const signing::RevisionEntry& entry,
                                         const std::string& source,
                                         bool is_overlay);
  absl::StatusOr<RevisionContent> ReadContent(
      const signing::RevisionEntry& entry);
  // Those of the named that the content has, checked as far as they go.
  absl::StatusOr<std::vector<VerifiedFile>> FetchNamed(
      absl::string_view package, const RevisionContent& content,
      bool is_overlay);
  absl::Status ReadMentionsOf(const std::string& source);

  const LogFiles files_;
  // By source and package.
  std::map<Key, std::vector<ReleasePtr>> releases_;
  // What the records read so far name.
  std::map<signing::Digest, signing::ContentFile> known_files_;
  // By source, then mention.
  std::map<std::string, std::map<std::string, std::set<std::string>>> mentions_;
};

bool Needs(const RevisionContent& content, const signing::ContentFile& file) {
  if (file.path == registry::kPackageFile) return true;
  if (file.path == registry::kRelationsFile) return true;
  return file.path == registry::kConfigFile &&
         std::any_of(content.files.begin(), content.files.end(),
                     [](const signing::ContentFile& other) {
                       return other.path == registry::kRelationsFile;
                     });
}

absl::StatusOr<RevisionContent> VerifiedReader::ReadContent(
    const signing::RevisionEntry& entry) {
  ORRERY_ASSIGN_OR_RETURN(SignedContent logged,
                          catalog::ReadContent(entry, files_));
  for (const signing::ContentFile& file : logged.content.files) {
    known_files_.emplace(file.digest, file);
  }
  return std::move(logged.content);
}

absl::StatusOr<std::vector<VerifiedFile>> VerifiedReader::FetchNamed(
    absl::string_view package, const RevisionContent& content,
    bool is_overlay) {
  std::vector<VerifiedFile> files;
  for (const signing::ContentFile& file : content.files) {
    if (!Needs(content, file)) continue;
    ORRERY_ASSIGN_OR_RETURN(std::string bytes,
                            FetchFile(file, *files_.places, *files_.cache));
    files.push_back({file.path, std::move(bytes)});
  }
  ORRERY_RETURN_IF_ERROR(is_overlay
                             ? CheckOverlayAgreement(package, content, files)
                             : CheckAgreement(package, content, files));
  return files;
}

absl::StatusOr<ReleasePtr> VerifiedReader::ReadRelease(
    absl::string_view package, const signing::RevisionEntry& entry,
    const std::string& source, bool is_overlay) {
  ORRERY_ASSIGN_OR_RETURN(const RevisionContent content, ReadContent(entry));
  const absl::StatusOr<std::vector<VerifiedFile>> files =
      FetchNamed(package, content, is_overlay);
  if (!files.ok()) {
    return signing::At({.package = std::string(package),
                        .release = content.release,
                        .revision = content.revision},
                       files.status());
  }
  return ReleaseOf(package, source, content, *files);
}

absl::StatusOr<std::vector<ReleasePtr>> VerifiedReader::Current(
    const std::string& source, absl::string_view package, bool is_overlay) {
  // Of each source both are asked.
  if (signing::FindSource(log(), source)->is_base() == is_overlay) {
    return std::vector<ReleasePtr>();
  }
  const Key key(source, std::string(package));
  const auto read = releases_.find(key);
  if (read != releases_.end()) return read->second;
  std::vector<ReleasePtr> releases;
  const signing::PackageState* const known =
      signing::FindPackage(log(), package);
  if (known == nullptr) return releases;
  for (const auto& [place, release] : known->releases) {
    const auto latest = static_cast<int64_t>(release.revisions.size());
    if (place.first != source ||
        signing::StateOf(log(), *known, source, place.second, latest) !=
            signing::RevisionState::kCurrent) {
      continue;
    }
    absl::StatusOr<ReleasePtr> one =
        ReadRelease(package, release.revisions.back(), source, is_overlay);
    if (one.ok()) {
      releases.push_back(*std::move(one));
    } else if (!signing::MayTryNextCandidate(one.status())) {
      return one.status();
    }
  }
  // Highest number first.
  std::reverse(releases.begin(), releases.end());
  return releases_.emplace(key, std::move(releases)).first->second;
}

absl::StatusOr<std::string> VerifiedReader::Read(
    const signing::Digest& digest) {
  const auto known = known_files_.find(digest);
  if (known == known_files_.end()) {
    return absl::NotFoundError(
        absl::StrCat("no record that was read has a file ", digest.Hex()));
  }
  return FetchFile(known->second, *files_.places, *files_.cache);
}

absl::StatusOr<std::vector<std::string>> VerifiedReader::ReadPackageNames(
    const SourceVersion& source) {
  std::vector<std::string> names;
  for (const auto& [name, package] : log().packages) {
    const auto first = package.releases.lower_bound({source.name, 0});
    if (first != package.releases.end() && first->first.first == source.name) {
      names.push_back(name);
    }
  }
  return names;
}

// Goes through all records of the source: they say who has relations.
absl::Status VerifiedReader::ReadMentionsOf(const std::string& source) {
  std::map<std::string, std::set<std::string>>& mentions = mentions_[source];
  for (const auto& [name, package] : log().packages) {
    for (const auto& [place, release] : package.releases) {
      const auto latest = static_cast<int64_t>(release.revisions.size());
      if (place.first != source ||
          signing::StateOf(log(), package, source, place.second, latest) !=
              signing::RevisionState::kCurrent) {
        continue;
      }
      ORRERY_ASSIGN_OR_RETURN(const RevisionContent content,
                              ReadContent(release.revisions.back()));
      for (const signing::ContentFile& file : content.files) {
        if (file.path != registry::kRelationsFile) continue;
        const absl::StatusOr<std::string> bytes = Read(file.digest);
        if (!bytes.ok() && !signing::MayTryNextCandidate(bytes.status())) {
          return bytes.status();
        }
        if (!bytes.ok()) continue;
        const registry::ParsedRelations parsed = registry::ParseRelations(
            *bytes, {name, place.second, /*in_overlay=*/true, {}});
        for (std::string& mention :
             registry::RelationMentions(parsed.document.relations)) {
          mentions[std::move(mention)].insert(name);
        }
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> VerifiedReader::ReadMentioning(
    const SourceVersion& source, absl::string_view name) {
  if (!mentions_.contains(source.name)) {
    ORRERY_RETURN_IF_ERROR(ReadMentionsOf(source.name));
  }
  const auto& mentions = mentions_.at(source.name);
  const auto found = mentions.find(std::string(name));
  if (found == mentions.end()) return std::vector<std::string>();
  return std::vector<std::string>(found->second.begin(), found->second.end());
}

class FileAdmission : public LogAdmission {
 public:
  FileAdmission(Basis basis, const LogFiles& files)
      : LogAdmission(std::move(basis)), files_(files) {}

  absl::StatusOr<std::vector<PastRelease>> ReadPast(
      const NamedContent& named) const override {
    std::vector<PastRelease> past;
    for (const signing::RevisionKey& key : FindPast(named)) {
      const signing::RevisionEntry& entry =
          signing::FindRelease(*signing::FindPackage(log(), named.package),
                               key.source, key.release)
              ->revisions[key.revision - 1];
      ORRERY_ASSIGN_OR_RETURN(const SignedContent logged,
                              ReadContent(entry, files_));
      ORRERY_ASSIGN_OR_RETURN(const std::vector<VerifiedFile> bytes,
                              FetchReleaseFiles(named.package, logged.content,
                                                *files_.places, *files_.cache));
      ORRERY_RETURN_IF_ERROR(
          CheckAgreement(named.package, logged.content, bytes));
      past.push_back(PastOf(named.package, key, logged.content, bytes));
    }
    return past;
  }

 private:
  const LogFiles files_;
};

}  // namespace

ReleaseAdmissionPtr VerifiedAdmission(LogAdmission::Basis basis,
                                      const LogFiles& files) {
  return std::make_shared<const FileAdmission>(std::move(basis), files);
}

registry::SnapshotPtr VerifiedSnapshot(const LogFiles& files) {
  std::vector<std::shared_ptr<const registry::SourceContents>> sources;
  for (const auto& [id, source] : files.log->sources) {
    auto contents = std::make_shared<registry::SourceContents>();
    contents->name = id;
    contents->priority = static_cast<int32_t>(source.in_force().priority);
    contents->overlay_of = source.in_force().overlay_of;
    contents->version.name = id;
    sources.push_back(std::move(contents));
  }
  // Equal ones by name.
  std::stable_sort(
      sources.begin(), sources.end(),
      [](const auto& a, const auto& b) { return a->priority < b->priority; });
  return std::make_shared<const registry::Snapshot>(
      /*generation=*/1, std::move(sources), /*visible_packages=*/0,
      std::make_shared<VerifiedReader>(files));
}

}  // namespace orrery::catalog
