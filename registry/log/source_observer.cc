#include "registry/log/source_observer.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <memory>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "registry/format/file_mode.h"
#include "registry/format/release_path.h"
#include "registry/judge/observable.h"
#include "signing/record/leaf.h"
#include "signing/refusal.h"
#include "signing/replay/log_state.h"
#include "signing/replay/replay.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

using signing::Record;
using signing::RecordKind;
using signing::RefusalCode;
using signing::Refuse;

// More are written while the next are judged.
constexpr size_t kMaxHeldBytes = size_t{1} << 20;

Finding Refusal(absl::string_view rule, const Release& release,
                std::string text) {
  Finding finding;
  finding.rule = std::string(rule);
  finding.severity = Severity::kError;
  finding.refuses = true;
  finding.path = PrintablePath(release.directory);
  finding.text = std::move(text);
  return finding;
}

// `entry` with one more finding, in front.
void AddFinding(IndexEntry& entry, Finding finding) {
  auto release = std::make_shared<Release>(*entry.release);
  release->findings.insert(release->findings.begin(), std::move(finding));
  entry.release = std::move(release);
}

bool IsWhole(const IndexEntry& entry) {
  return entry.verdict == Verdict::kServed ||
         entry.verdict == Verdict::kOverlay;
}

// The files that are not the same, in words.
std::string Differences(const IndexEntry& seen,
                        const signing::RevisionContent& logged) {
  const Release& release = *seen.release;
  std::vector<std::string> differences;
  for (const signing::ContentFile& file : logged.files) {
    const ReleaseContent* const found = FindFile(release, file.path);
    if (found == nullptr) {
      differences.push_back(absl::StrCat(file.path, " is gone"));
    } else if (found->digest != file.digest) {
      differences.push_back(absl::StrCat(file.path, " differs"));
    }
  }
  for (const ReleaseContent& file : release.files) {
    const bool is_new = std::none_of(
        logged.files.begin(), logged.files.end(),
        [&file](const signing::ContentFile& f) { return f.path == file.name; });
    if (is_new) differences.push_back(absl::StrCat(file.name, " is new"));
  }
  return absl::StrJoin(differences, ", ");
}

// What a leaf says of a release; nullptr when it is about something else.
const signing::RevisionContent* ContentIn(const Record& record) {
  if (const auto* body = std::get_if<signing::ObservedRecord>(&record.body)) {
    return &body->content;
  }
  const auto* body = std::get_if<signing::ReleaseRecord>(&record.body);
  return body != nullptr ? &body->content : nullptr;
}

std::string DirectoryOf(absl::string_view packages_path,
                        const ReleaseKey& key) {
  return absl::StrCat(PackageFolder(packages_path, key.name), "/", key.release);
}

signing::TreeHash TreeOf(const IndexEntry& entry) {
  return ContentOf(*entry.release, {}).tree;
}

bool IsOfNames(RefusalCode code) {
  return code == RefusalCode::kNameReserved ||
         code == RefusalCode::kTrustSyntax;
}

// The highest release in a map by (`first`, release); -1 if it has none.
template <typename Releases>
int64_t HighestOf(const Releases& releases, const std::string& first) {
  const auto after =
      releases.upper_bound({first, std::numeric_limits<int64_t>::max()});
  if (after == releases.begin()) return -1;
  const auto& [holder, release] = std::prev(after)->first;
  return holder == first ? release : -1;
}

}  // namespace

bool WaitForNames(const std::vector<Finding>& refused) {
  return std::any_of(
      refused.begin(), refused.end(), [](const Finding& finding) {
        const auto code = signing::ParseRefusalName(finding.rule);
        return code.has_value() && IsOfNames(*code);
      });
}

SourceObserver::SourceObserver(RegistryLog* log, ObservedSource source,
                               BaseVersion base_version)
    : log_(*log),
      source_(std::move(source)),
      base_version_(std::move(base_version)) {}

absl::StatusOr<SourceObserver::Latest*> SourceObserver::Find(
    const ReleaseKey& key) {
  const auto [place, is_new] = latest_.try_emplace({key.name, key.release});
  Latest& latest = place->second;
  if (!is_new) return &latest;
  ORRERY_RETURN_IF_ERROR(log_.ReadState([&](const signing::LogState& log) {
    const signing::PackageState* const package =
        signing::FindPackage(log, key.name);
    if (package == nullptr) return absl::OkStatus();
    const signing::ReleaseState* const release =
        signing::FindRelease(*package, source_.name, key.release);
    if (release == nullptr || release->revisions.empty()) {
      return absl::OkStatus();
    }
    const signing::RevisionEntry& revision = release->revisions.back();
    latest.release = {static_cast<int64_t>(release->revisions.size()),
                      revision.tree, release->has_left};
    latest.leaf = revision.observed.value_or(revision.first_leaf());
    return absl::OkStatus();
  }));
  return &latest;
}

absl::StatusOr<const SourceObserver::Ratchet*> SourceObserver::FindRatchet(
    const std::string& package) {
  const auto [place, is_new] = ratchets_.try_emplace(package);
  Ratchet& ratchet = place->second;
  // The maintainers of a base sign nothing of an overlay.
  if (!is_new || source_.role == SourceRole::kOverlay) return &ratchet;
  ORRERY_RETURN_IF_ERROR(log_.ReadState([&](const signing::LogState& log) {
    const signing::PackageState* const known =
        signing::FindPackage(log, package);
    if (known != nullptr && known->keyset.has_value()) {
      ratchet = {true, known->keyset->home};
    }
    return absl::OkStatus();
  }));
  return &ratchet;
}

absl::StatusOr<signing::LogState> SourceObserver::StateOf(
    absl::string_view package) {
  signing::LogState state;
  ORRERY_RETURN_IF_ERROR(log_.ReadState([&](const signing::LogState& log) {
    state.origin = log.origin;
    state.size = log.size;
    state.sources = log.sources;
    if (const auto* known = signing::FindPackage(log, package)) {
      state.packages[std::string(package)] = *known;
    }
    return absl::OkStatus();
  }));
  signing::Replay replay(std::move(state));
  const auto own = leaves_of_.find(package);
  if (own == leaves_of_.end()) return std::move(replay).TakeState();
  for (const size_t place : own->second) {
    ORRERY_ASSIGN_OR_RETURN(const std::string bytes,
                            PlaceLeaf(replay.state(), leaves_[place]));
    // What another source has made void meanwhile cannot be logged, either.
    replay.Append(bytes).IgnoreError();
  }
  return std::move(replay).TakeState();
}

void SourceObserver::AddLeaf(const std::string& package, NewLeaf leaf) {
  leaves_of_[package].push_back(leaves_.size());
  leaves_.push_back(std::move(leaf));
}

absl::Status SourceObserver::AddSigned(const Record& record, std::string leaf,
                                       const std::string& home) {
  if (record.kind == RecordKind::kKeyset) {
    ratchets_[record.package] = {true, home};
  }
  if (const auto* release = std::get_if<signing::ReleaseRecord>(&record.body)) {
    const signing::RevisionContent& content = release->content;
    ORRERY_ASSIGN_OR_RETURN(Latest* const latest,
                            Find({record.package, content.release}));
    if (content.revision >= latest->release.revision) {
      latest->release = {content.revision, content.tree, false};
      latest->held = leaves_.size();
    }
  }
  AddLeaf(record.package, std::move(leaf));
  return absl::OkStatus();
}

absl::Status SourceObserver::CheckObservable(absl::string_view package) const {
  if (source_.admission == signing::Admission::kSshsig) {
    return Refuse(RefusalCode::kRecordEvidence,
                  "its source admits signed releases only, and no record signs "
                  "it");
  }
  ORRERY_RETURN_IF_ERROR(source_.names.status());
  if (!source_.names->has_value()) return absl::OkStatus();
  return (*source_.names)->CheckReserved(package);
}

absl::Status SourceObserver::CheckAdmitted(const IndexEntry& judged,
                                           const Ratchet& ratchet,
                                           const LoggedRelease& logged) const {
  if (source_.admission == signing::Admission::kNone) {
    return Refuse(RefusalCode::kRecordEvidence, "its source admits nothing");
  }
  if (ratchet.is_signed) return absl::OkStatus();
  absl::Status status = CheckObservable(judged.release->name);
  if (status.ok()) return status;
  // What was observed before stays what it is.
  const bool is_logged =
      logged.revision > 0 && !logged.has_left && logged.tree == TreeOf(judged);
  return is_logged ? absl::OkStatus() : status;
}

absl::Status SourceObserver::Take(const std::vector<PackedContent>& contents) {
  for (const PackedContent& content : contents) {
    content_bytes_ += content.packed.size();
    contents_.push_back(content);
  }
  return content_bytes_ < kMaxHeldBytes ? absl::OkStatus() : Flush();
}

absl::Status SourceObserver::Flush() {
  ORRERY_RETURN_IF_ERROR(log_.PutContents(contents_));
  contents_.clear();
  content_bytes_ = 0;
  return absl::OkStatus();
}

absl::StatusOr<PackedContent> SourceObserver::ReadPacked(
    const signing::Digest& digest) {
  ORRERY_RETURN_IF_ERROR(Flush());
  return log_.ReadPacked(digest);
}

ObservationVerdict SourceObserver::Judge(const Ratchet& ratchet,
                                         const Latest& latest,
                                         const Sight& sight,
                                         bool is_kept_out) const {
  const std::optional<LoggedRelease> logged =
      latest.release.revision == 0 ? std::nullopt
                                   : std::optional(latest.release);
  if (ratchet.is_signed) return JudgeSignedSight(logged, sight);
  // What is kept out is no change of what is logged.
  return JudgeSight(
      is_kept_out ? signing::RevisionMode::kImmutable : source_.mode, logged,
      sight);
}

absl::StatusOr<int64_t> SourceObserver::NextRelease(
    const std::string& package) {
  int64_t highest = HighestOf(latest_, package);
  ORRERY_RETURN_IF_ERROR(log_.ReadState([&](const signing::LogState& log) {
    const signing::PackageState* const known =
        signing::FindPackage(log, package);
    if (known != nullptr) {
      highest = std::max(highest, HighestOf(known->releases, source_.name));
    }
    return absl::OkStatus();
  }));
  return highest + 1;
}

absl::StatusOr<Finding> SourceObserver::Unsigned(const std::string& commit,
                                                 const IndexEntry& judged,
                                                 const Ratchet& ratchet,
                                                 const Latest& latest) {
  const Release& release = *judged.release;
  const std::string what = absl::StrCat(release.name, " ", release.release);
  if (ratchet.home != source_.name) {
    return Refusal("record.evidence", release,
                   absl::StrCat(release.name,
                                " is published by its maintainers in source ",
                                ratchet.home, ", and nowhere else"));
  }
  if (latest.release.revision == 0 || latest.release.has_left) {
    return Refusal(
        "record.evidence", release,
        absl::StrCat("no record of its maintainers says what ", what,
                     " is: write one with `orrery package record`, sign it, "
                     "and push it"));
  }
  ORRERY_ASSIGN_OR_RETURN(const signing::RevisionContent logged,
                          ContentOfLatest(latest));
  ORRERY_ASSIGN_OR_RETURN(const int64_t next, NextRelease(release.name));
  return Refusal(
      "record.evidence", release,
      absl::StrCat(what, " is logged with ", logged.tree.Text(), ", commit ",
                   commit, " has ", TreeOf(judged).Text(), " (",
                   Differences(judged, logged),
                   "), and no record of its maintainers says so: publish it as "
                   "release ",
                   next));
}

absl::StatusOr<IndexEntry> SourceObserver::See(const std::string& commit,
                                               IndexEntry judged) {
  const ReleaseKey key = {judged.release->name, judged.release->release};
  ORRERY_ASSIGN_OR_RETURN(const Ratchet* const ratchet, FindRatchet(key.name));
  ORRERY_ASSIGN_OR_RETURN(Latest* const latest, Find(key));
  absl::Status admitted;
  if (IsWhole(judged)) {
    admitted = CheckAdmitted(judged, *ratchet, latest->release);
  }
  if (!admitted.ok()) {
    const std::optional<signing::Refusal> refusal =
        signing::RefusalOf(admitted);
    AddFinding(judged, Refusal(signing::RefusalName(refusal->code),
                               *judged.release, refusal->detail));
    judged.verdict = Verdict::kRefused;
    // Other names may let it in.
    if (IsOfNames(refusal->code)) judged.id = ObjectId();
  }
  // Of such a source nothing is logged, and what was counts as withdrawn.
  if (source_.admission == signing::Admission::kNone) return judged;
  Sight sight = {Sight::Kind::kRefused};
  if (IsWhole(judged)) sight = {Sight::Kind::kWhole, TreeOf(judged)};
  const ObservationVerdict verdict =
      Judge(*ratchet, *latest, sight, /*is_kept_out=*/!admitted.ok());
  if (verdict.is_other) {
    ORRERY_ASSIGN_OR_RETURN(const signing::RevisionContent logged,
                            ContentOfLatest(*latest));
    ORRERY_ASSIGN_OR_RETURN(const int64_t next, NextRelease(key.name));
    AddFinding(judged,
               Refusal("git.immutable", *judged.release,
                       absl::StrCat(
                           key.name, " ", key.release, " is logged with ",
                           logged.tree.Text(), ", commit ", commit, " has ",
                           sight.tree.Text(), " (", Differences(judged, logged),
                           "); its source is immutable: "
                           "publish it as release ",
                           next)));
    judged.verdict = Verdict::kRefused;
  }
  if (verdict.is_unsigned) {
    ORRERY_ASSIGN_OR_RETURN(Finding finding,
                            Unsigned(commit, judged, *ratchet, *latest));
    AddFinding(judged, std::move(finding));
    judged.verdict = Verdict::kRefused;
  }
  switch (verdict.log) {
    case ObservationVerdict::Log::kNothing:
      break;
    case ObservationVerdict::Log::kObserved:
      Observe(commit, key, judged, *latest);
      break;
    case ObservationVerdict::Log::kWithdrawn:
      Note(RecordKind::kWithdrawn, commit, key, *latest);
      break;
    case ObservationVerdict::Log::kRestored:
      Note(RecordKind::kRestored, commit, key, *latest);
      break;
  }
  if (verdict.serve != ObservationVerdict::Serve::kLogged) return judged;
  return Logged(judged, *latest);
}

absl::StatusOr<std::optional<IndexEntry>> SourceObserver::SeeGone(
    const std::string& commit, const ReleaseKey& key,
    const std::string& directory) {
  ORRERY_ASSIGN_OR_RETURN(Latest* const latest, Find(key));
  if (latest->release.revision == 0 || latest->release.has_left) {
    return std::nullopt;
  }
  ORRERY_ASSIGN_OR_RETURN(const Ratchet* const ratchet, FindRatchet(key.name));
  if (!ratchet->is_signed) {
    Note(RecordKind::kWithdrawn, commit, key, *latest);
    return std::nullopt;
  }
  if (source_.admission == signing::Admission::kNone) return std::nullopt;
  const auto release = std::make_shared<Release>();
  release->name = key.name;
  release->release = key.release;
  release->source = source_.name;
  release->directory = directory;
  IndexEntry gone;
  gone.mode = kGoneMode;
  gone.release = release;
  release->findings = {
      Refusal("record.evidence", *release,
              "the directory has left the branch; a release of its maintainers "
              "ends by a yank alone, and is served on")};
  return Logged(gone, *latest);
}

absl::StatusOr<std::vector<IndexEntry>> SourceObserver::SeeOnly(
    const std::string& commit) {
  std::vector<ReleaseKey> others;
  ORRERY_RETURN_IF_ERROR(log_.ReadState([&](const signing::LogState& log) {
    for (const auto& [name, package] : log.packages) {
      for (auto release = package.releases.lower_bound({source_.name, 0});
           release != package.releases.end() &&
           release->first.first == source_.name;
           ++release) {
        if (release->second.has_left) continue;
        const int64_t number = release->first.second;
        if (!latest_.contains({name, number})) others.push_back({name, number});
      }
    }
    return absl::OkStatus();
  }));
  std::vector<IndexEntry> served;
  for (const ReleaseKey& key : others) {
    ORRERY_ASSIGN_OR_RETURN(
        std::optional<IndexEntry> entry,
        SeeGone(commit, key, DirectoryOf(source_.packages_path, key)));
    if (entry.has_value()) served.push_back(*std::move(entry));
  }
  return served;
}

void SourceObserver::Observe(const std::string& commit, const ReleaseKey& key,
                             const IndexEntry& judged, Latest& latest) {
  signing::ObservedRecord body;
  body.sighting.source = source_.name;
  body.sighting.state = commit;
  body.content = ContentOf(*judged.release, judged.facts.requirements);
  body.content.revision = latest.release.revision + 1;
  if (latest.release.revision > 0) body.content.replaces = latest.release.tree;
  if (source_.role == SourceRole::kOverlay) {
    const std::string version = base_version_(key);
    if (!version.empty()) body.content.version = version;
  }
  latest.release = {body.content.revision, body.content.tree, false};
  latest.held = leaves_.size();
  Record record;
  record.kind = RecordKind::kObserved;
  record.package = key.name;
  record.body = std::move(body);
  AddLeaf(key.name, std::move(record));
}

void SourceObserver::Note(RecordKind kind, const std::string& commit,
                          const ReleaseKey& key, Latest& latest) {
  signing::PresenceRecord body;
  body.sighting.source = source_.name;
  body.sighting.state = commit;
  body.release = key.release;
  body.revision = latest.release.revision;
  body.tree = latest.release.tree;
  latest.release.has_left = kind == RecordKind::kWithdrawn;
  Record record;
  record.kind = kind;
  record.package = key.name;
  record.body = std::move(body);
  AddLeaf(key.name, std::move(record));
}

absl::StatusOr<signing::RevisionContent> SourceObserver::ContentOfLatest(
    const Latest& latest) {
  std::string bytes;
  if (latest.held.has_value()) {
    const NewLeaf& held = leaves_[*latest.held];
    if (const auto* record = std::get_if<Record>(&held)) {
      return *ContentIn(*record);
    }
    bytes = std::get<std::string>(held);
  } else {
    ORRERY_ASSIGN_OR_RETURN(bytes, log_.ReadLeafAt(latest.leaf));
  }
  ORRERY_ASSIGN_OR_RETURN(const signing::Leaf leaf, signing::ParseLeaf(bytes));
  if (const auto* content = ContentIn(leaf.record)) return *content;
  return absl::InternalError(
      absl::StrCat("leaf ", latest.leaf, " is of no release"));
}

absl::StatusOr<IndexEntry> SourceObserver::Logged(const IndexEntry& judged,
                                                  const Latest& latest) {
  ORRERY_RETURN_IF_ERROR(Flush());
  ORRERY_ASSIGN_OR_RETURN(const signing::RevisionContent content,
                          ContentOfLatest(latest));
  const auto stored = std::make_shared<Release>();
  stored->name = judged.release->name;
  stored->release = judged.release->release;
  stored->source = judged.release->source;
  stored->directory = judged.release->directory;
  for (const signing::ContentFile& file : content.files) {
    ReleaseContent& kept = stored->files.emplace_back();
    kept.name = file.path;
    kept.mode = kFileMode;
    kept.size = static_cast<uint64_t>(file.bytes);
    kept.digest = file.digest;
  }
  IndexEntry entry;
  entry.id = judged.id;
  entry.mode = judged.mode;
  entry.release = stored;
  ORRERY_ASSIGN_OR_RETURN(
      entry, JudgeStoredEntry(entry, source_.role, log_.contents()));
  entry.kept = IsWhole(entry);
  for (const Finding& finding : judged.release->findings) {
    if (finding.refuses) AddFinding(entry, finding);
  }
  return entry;
}

absl::Status SourceObserver::Commit(const std::string& commit) {
  ORRERY_RETURN_IF_ERROR(Flush());
  // What is logged of it counts as withdrawn already.
  if (source_.admission == signing::Admission::kNone) leaves_.clear();
  return log_.Append(std::move(leaves_), ReadMark{source_.name, commit});
}

}  // namespace orrery::registry
