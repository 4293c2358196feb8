#include "registry/judge/release_judge.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <span>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "registry/format/file_mode.h"
#include "registry/format/overlay_check.h"
#include "registry/format/package_document.h"
#include "registry/format/release_check.h"
#include "registry/format/release_limits.h"
#include "registry/format/release_path.h"
#include "registry/judge/observable.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr uint32_t kTypeMask = 0170000;
constexpr uint32_t kRegularType = 0100000;

// Whose digests are at hand.
constexpr size_t kMaxBlobs = 100'000;
// 256 entries with names of 200 bytes fit several times over.
constexpr uint64_t kMaxReleaseTreeBytes = uint64_t{1} << 20;

Finding Refusal(absl::string_view rule, absl::string_view path,
                std::string text) {
  Finding finding;
  finding.rule = std::string(rule);
  finding.severity = Severity::kError;
  finding.refuses = true;
  finding.path = PrintablePath(path);
  finding.text = std::move(text);
  return finding;
}

std::string FilePath(const PackageTreeEntry& place, const TreeEntry& file) {
  return absl::StrCat(place.path, "/", file.name);
}

// What stands where only a directory belongs.
std::string KindOf(uint32_t mode) {
  if (mode == kLinkMode) return "it is a symbolic link";
  if (mode == kSubmoduleMode) return "it is a submodule";
  return absl::StrFormat("mode %06o is no directory", mode);
}

// A directory whose place the layout forbids.
Finding MisplacedDirectory(const PackageTreeEntry& place) {
  if (place.depth == 1) {
    return Refusal("layout", place.path,
                   "folders of packages are called by one upper-case letter");
  }
  // The rule for `<L>/<name>` is the one for any release in it.
  const ReleaseDirectory parsed =
      ParseReleaseDirectory(absl::StrCat(place.path, "/0"));
  Finding finding = parsed.finding.value_or(
      Refusal("layout", place.path, "it is no folder of a package"));
  finding.path = PrintablePath(place.path);
  return finding;
}

struct ReadFiles {
  std::vector<ReleaseContent> contents;
  std::vector<ReleaseFile> files;
  // What `files` borrows.
  std::vector<std::unique_ptr<std::string>> bytes;
  std::vector<PackedContent> packed;
  // A limit that the reading itself must keep.
  std::optional<Finding> refusal;
};

// Bytes of the file, or nothing when a limit forbids to read it; `total` is
// what the files of the release have together so far.
absl::StatusOr<std::unique_ptr<std::string>> ReadFile(
    const GitRepository& repository, const ObjectId& id, uint64_t* total,
    ReleaseContent* content) {
  ORRERY_ASSIGN_OR_RETURN(content->size, repository.BlobSize(id));
  *total += content->size;
  if (content->size > kMaxReleaseFileBytes || *total > kMaxReleaseBytes) {
    return nullptr;
  }
  ORRERY_ASSIGN_OR_RETURN(std::string bytes, repository.ReadBlob(id));
  return std::make_unique<std::string>(std::move(bytes));
}

// The files in `entries`, which are sorted by name.
absl::Status ReadFilesOf(const GitRepository& repository,
                         const PackageTreeEntry& place,
                         const std::vector<TreeEntry>& entries,
                         ReadFiles* read) {
  uint64_t total = 0;
  for (const TreeEntry& entry : entries) {
    if (!read->contents.empty() && read->contents.back().name == entry.name) {
      read->refusal = Refusal("content.path", FilePath(place, entry),
                              "the directory holds this name twice");
    }
    ReleaseContent content;
    content.name = entry.name;
    content.mode = entry.mode;
    std::unique_ptr<std::string> bytes;
    if ((entry.mode & kTypeMask) == kRegularType) {
      // Right after its size: the reader has half of it at hand then.
      auto file = ReadFile(repository, entry.id, &total, &content);
      if (!file.ok()) return AtPlace(FilePath(place, entry), file.status());
      bytes = *std::move(file);
    }
    read->contents.push_back(std::move(content));
    read->bytes.push_back(std::move(bytes));
  }
  if (total > kMaxReleaseBytes) {
    read->refusal =
        Refusal("limits", place.path,
                absl::StrCat("its files have ", total,
                             " bytes together, more than ", kMaxReleaseBytes));
  }
  return absl::OkStatus();
}

absl::StatusOr<ReadFiles> ReadReleaseFiles(const GitRepository& repository,
                                           const PackageTreeEntry& place,
                                           ContentClaims& claims,
                                           ContentPacker& packer) {
  ReadFiles read;
  absl::StatusOr<std::vector<TreeEntry>> entries =
      repository.ReadTree(place.id, kMaxReleaseTreeBytes);
  if (absl::IsResourceExhausted(entries.status()) ||
      (entries.ok() && entries->size() > kMaxReleaseFiles)) {
    read.refusal =
        Refusal("limits", place.path,
                absl::StrCat("more than ", kMaxReleaseFiles, " files"));
    return read;
  }
  if (!entries.ok()) return AtPlace(place.path, entries.status());
  std::sort(
      entries->begin(), entries->end(),
      [](const TreeEntry& a, const TreeEntry& b) { return a.name < b.name; });
  ORRERY_RETURN_IF_ERROR(ReadFilesOf(repository, place, *entries, &read));
  if (read.refusal.has_value()) return read;

  for (size_t i = 0; i < read.contents.size(); ++i) {
    ReleaseContent& content = read.contents[i];
    ReleaseFile file{content.name, content.mode, content.size, {}};
    if (read.bytes[i] != nullptr) {
      file.bytes = *read.bytes[i];
      const ObjectId& blob = (*entries)[i].id;
      content.digest = claims.Find(blob);
      if (!content.digest.has_value()) {
        content.digest = signing::Digest::Of(file.bytes);
        if (claims.Claim(blob, *content.digest)) {
          read.packed.push_back(
              {*content.digest, file.bytes.size(), packer.Pack(file.bytes)});
        }
      }
    }
    read.files.push_back(std::move(file));
  }
  return read;
}

// Refuses what is right by all rules and yet has no form in the log.
void RefuseUnlessObservable(IndexEntry& entry, Release& release) {
  std::optional<Finding> finding =
      CheckObservable(release, entry.facts.requirements);
  if (!finding.has_value()) return;
  release.findings.insert(release.findings.begin(), *std::move(finding));
  entry.verdict = Verdict::kRefused;
  entry.facts = ReleaseFacts();
}

// Judges `files` and puts the verdict into `entry` and `release`.
void JudgeFiles(const ReleaseKey& key, std::span<const ReleaseFile> files,
                SourceRole role, IndexEntry& entry, Release& release) {
  if (role == SourceRole::kOverlay) {
    OverlayCheck check = CheckOverlay(release.directory, key, files);
    const bool refused = check.refused();
    entry.verdict = refused ? Verdict::kRefused : Verdict::kOverlay;
    release.findings = std::move(check.findings);
    entry.facts.mentions = std::move(check.mentions);
    entry.facts.requirements = std::move(check.requirements);
    if (!refused) RefuseUnlessObservable(entry, release);
    return;
  }
  ReleaseCheck check =
      CheckRelease(release.directory, key, files, Profile::kImport);
  release.findings = std::move(check.findings);
  entry.facts = std::move(check.facts);
  entry.verdict = check.legacy                ? Verdict::kLegacy
                  : check.package.has_value() ? Verdict::kServed
                                              : Verdict::kRefused;
  if (entry.verdict != Verdict::kServed) return;
  PackageDocument& package = *check.package;
  release.hidden = package.hidden();
  release.version = std::move(package.version);
  release.selected = package.selected;
  release.framework = package.framework;
  release.maintainer = std::move(package.maintainer);
  release.description = std::move(package.description);
  release.tags = std::move(package.tags);
  RefuseUnlessObservable(entry, release);
}

// Whether nothing was left unread because of a limit.
bool HasAllBytes(const Release& release) {
  return !release.files.empty() &&
         std::all_of(release.files.begin(), release.files.end(),
                     [](const ReleaseContent& file) {
                       return (file.mode & kTypeMask) != kRegularType ||
                              file.digest.has_value();
                     });
}

}  // namespace

std::optional<signing::Digest> ContentClaims::Find(const ObjectId& blob) {
  const MutexLock lock(&mutex_);
  const auto known = blobs_.find(blob);
  if (known == blobs_.end()) return std::nullopt;
  return known->second;
}

bool ContentClaims::Claim(const ObjectId& blob, const signing::Digest& digest) {
  const MutexLock lock(&mutex_);
  if (blobs_.size() >= kMaxBlobs) blobs_.clear();
  blobs_.emplace(blob, digest);
  return claimed_.insert(digest).second;
}

absl::StatusOr<JudgedEntry> JudgeTreeEntry(const GitRepository& repository,
                                           const PackageTreeEntry& place,
                                           const JudgedSource& source,
                                           ContentClaims& claims,
                                           ContentPacker& packer) {
  JudgedEntry judged;
  if ((place.mode & kTypeMask) == kRegularType) return judged;

  IndexEntry& entry = judged.entry.emplace();
  entry.id = place.id;
  entry.mode = place.mode;
  const auto release = std::make_shared<Release>();
  entry.release = release;
  release->source = source.name;
  release->directory = place.path;
  if (place.mode != kTreeMode) {
    release->findings = {
        Refusal("content.path", place.path, KindOf(place.mode))};
    return judged;
  }
  if (place.depth < 3) {
    release->findings = {MisplacedDirectory(place)};
    return judged;
  }
  const ReleaseDirectory directory = ParseReleaseDirectory(place.path);
  if (!directory.key.has_value()) {
    if (directory.finding.has_value()) {
      release->findings = {*directory.finding};
    }
    return judged;
  }
  release->name = directory.key->name;
  release->release = directory.key->release;
  ORRERY_ASSIGN_OR_RETURN(ReadFiles read,
                          ReadReleaseFiles(repository, place, claims, packer));
  release->files = std::move(read.contents);
  if (read.refusal.has_value()) {
    release->findings = {*std::move(read.refusal)};
    return judged;
  }
  JudgeFiles(*directory.key, read.files, source.role, entry, *release);
  judged.contents = std::move(read.packed);
  return judged;
}

absl::StatusOr<IndexEntry> JudgeStoredEntry(const IndexEntry& entry,
                                            SourceRole role,
                                            ContentReader& content) {
  const Release& stored = *entry.release;
  const ReleaseDirectory directory = ParseReleaseDirectory(stored.directory);
  // There was nothing to judge but the place.
  if (!directory.key.has_value()) return entry;
  if (!HasAllBytes(stored)) {
    IndexEntry unread = entry;
    unread.id = ObjectId();
    return unread;
  }
  const auto release = std::make_shared<Release>();
  release->name = stored.name;
  release->release = stored.release;
  release->source = stored.source;
  release->directory = stored.directory;
  release->files = stored.files;
  std::vector<std::unique_ptr<std::string>> bytes;
  std::vector<ReleaseFile> files;
  for (const ReleaseContent& stored_file : stored.files) {
    ReleaseFile file{stored_file.name, stored_file.mode, stored_file.size, {}};
    if (stored_file.digest.has_value()) {
      ORRERY_ASSIGN_OR_RETURN(std::string read,
                              content.Read(*stored_file.digest));
      bytes.push_back(std::make_unique<std::string>(std::move(read)));
      file.bytes = *bytes.back();
    }
    files.push_back(std::move(file));
  }
  IndexEntry judged;
  judged.id = entry.id;
  judged.mode = entry.mode;
  judged.release = release;
  JudgeFiles(*directory.key, files, role, judged, *release);
  if (!entry.kept) return judged;
  judged.kept = judged.verdict != Verdict::kRefused;
  std::copy_if(stored.findings.begin(), stored.findings.end(),
               std::back_inserter(release->findings),
               [](const Finding& finding) { return finding.refuses; });
  return judged;
}

}  // namespace orrery::registry
