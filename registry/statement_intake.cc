#include "registry/statement_intake.h"

#include <algorithm>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "registry/format/file_mode.h"
#include "registry/format/finding.h"
#include "registry/format/pin_agreement.h"
#include "registry/format/release_files.h"
#include "registry/judge/content_packer.h"
#include "registry/judge/index_entry.h"
#include "registry/judge/release.h"
#include "signing/armor.h"
#include "signing/refusal.h"
#include "signing/replay.h"
#include "signing/statement_file.h"
#include "signing/statement_reader.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

using signing::Digest;
using signing::RefusalCode;
using signing::Refuse;

// Of an armor: base64 with its line ends, header and footer.
constexpr uint64_t kMaxSignatureBytes = signing::kMaxArmorBase64 * 2;
constexpr size_t kMaxReports = 1000;

bool IsRegular(const ReleaseContent& file) {
  return file.mode == kFileMode || file.mode == kExecutableMode;
}

// The files of the directory against the lines of the record. `is_missing` is
// set when what is wrong is that a file is not there yet.
absl::Status CompareFiles(const signing::RevisionContent& content,
                          const Release& release, bool& is_missing) {
  for (const signing::ContentFile& file : content.files) {
    const ReleaseContent* const found = FindFile(release, file.path);
    if (found == nullptr) {
      is_missing = true;
      return Refuse(RefusalCode::kContentUnlisted,
                    absl::StrCat(release.directory, " has no ", file.path,
                                 ", which the record lists"));
    }
    if (!IsRegular(*found)) {
      return Refuse(RefusalCode::kContentPath,
                    absl::StrCat(release.directory, "/", file.path,
                                 " is no regular file"));
    }
    if (found->digest != file.digest) {
      return Refuse(
          RefusalCode::kContentDigest,
          absl::StrCat(release.directory, "/", file.path,
                       " is not the file "
                       "that was signed: the record has sha256:",
                       file.digest.Hex(), ", the commit has ",
                       found->digest.has_value()
                           ? absl::StrCat("sha256:", found->digest->Hex())
                           : "one that is too large",
                       "; put the signed file back, or write the record anew "
                       "and sign it"));
    }
    // Clients look at the length first.
    if (static_cast<int64_t>(found->size) != file.bytes) {
      return Refuse(RefusalCode::kContentSize,
                    absl::StrCat(release.directory, "/", file.path, " has ",
                                 found->size, " bytes, not ", file.bytes,
                                 " as the record says: write it anew and sign "
                                 "it"));
    }
  }
  for (const ReleaseContent& file : release.files) {
    const bool is_listed = std::any_of(
        content.files.begin(), content.files.end(),
        [&](const signing::ContentFile& f) { return f.path == file.name; });
    if (is_listed) continue;
    return Refuse(RefusalCode::kContentUnlisted,
                  absl::StrCat(release.directory, "/", file.name,
                               " is not in the record: take it away, or write "
                               "the record anew and sign it"));
  }
  return absl::OkStatus();
}

// What the registry's own rules say of it.
absl::Status CheckVerdict(const IndexEntry& entry) {
  if (entry.verdict == Verdict::kServed) return absl::OkStatus();
  for (const Finding& finding : entry.release->findings) {
    if (!finding.refuses) continue;
    return Refuse(
        signing::ParseRefusalName(finding.rule)
            .value_or(RefusalCode::kContentIdentity),
        absl::StrCat(
            finding.path,
            finding.line.has_value() ? absl::StrCat(":", *finding.line) : "",
            ": ", finding.text, " (", finding.rule, ")"));
  }
  return Refuse(RefusalCode::kContentIdentity,
                absl::StrCat(entry.release->directory, " is no release"));
}

// That the record says of the release what its files say.
absl::Status CheckSameAs(const signing::RevisionContent& content,
                         const IndexEntry& entry) {
  if (content.version != entry.release->version) {
    return Refuse(RefusalCode::kContentIdentity,
                  absl::StrCat("the record has version ", content.version,
                               ", package.json has ", entry.release->version));
  }
  if (content.requirements != entry.facts.requirements) {
    return Refuse(
        RefusalCode::kContentIdentity,
        absl::StrCat("the record requires [",
                     absl::StrJoin(content.requirements, ", "),
                     "], relations.json [",
                     absl::StrJoin(entry.facts.requirements, ", "), "]"));
  }
  return absl::OkStatus();
}

// The same refusal, with the file of the signature that is refused alone, too.
absl::Status WithSignature(const signing::LogState& log,
                           const signing::PublishedStatement& published,
                           const absl::Status& status) {
  const std::optional<signing::Refusal> refusal = signing::RefusalOf(status);
  if (!refusal.has_value() ||
      (refusal->code != RefusalCode::kRecordSignature &&
       refusal->code != RefusalCode::kRecordNamespace)) {
    return status;
  }
  for (const signing::SignatureFile& file : published.signatures) {
    signing::PublishedStatement alone = published;
    alone.signatures = {file};
    const auto found =
        signing::RefusalOf(signing::JudgeStatement(log, alone).status);
    if (found.has_value() && found->code == refusal->code) {
      return signing::At({.file = file.name}, status);
    }
  }
  return status;
}

// A source that has observed releases of the package, other than `source`
// where there is one; empty if none has.
std::string ObservingSource(const signing::LogState& log,
                            const signing::PackageState& package,
                            absl::string_view source) {
  std::string found;
  for (const auto& [key, release] : package.releases) {
    const signing::SourceState* const state =
        signing::FindSource(log, key.first);
    if (release.revisions.empty() || !state->is_base()) continue;
    found = key.first;
    if (found != source) break;
  }
  return found;
}

}  // namespace

StatementIntake::StatementIntake(Place place, KeysetAdmission admission,
                                 const std::vector<StatementReport>& earlier,
                                 SourceObserver* observer)
    : place_(std::move(place)),
      admission_(std::move(admission)),
      observer_(*observer) {
  for (const StatementReport& report : earlier) {
    reports_[report.package].push_back(report);
  }
}

std::vector<StatementReport> StatementIntake::Reports() const {
  std::vector<StatementReport> all;
  for (const auto& [package, reports] : reports_) {
    for (const StatementReport& report : reports) {
      if (all.size() < kMaxReports) all.push_back(report);
    }
  }
  return all;
}

std::string StatementIntake::FilePath(absl::string_view package,
                                      absl::string_view name) const {
  return absl::StrCat(TrustPath(place_.subdir), "/", package, "/", name);
}

std::string StatementIntake::PackageFolder(absl::string_view package) const {
  const char letter =
      absl::ascii_toupper(static_cast<unsigned char>(package.front()));
  return absl::StrCat(PackagesPath(place_.subdir), "/", std::string(1, letter),
                      "/", package);
}

absl::StatusOr<std::vector<StatementIntake::SignedRelease>>
StatementIntake::Take(const TrustStep& step,
                      const std::set<std::string>& touched) {
  std::vector<SignedRelease> released;
  ORRERY_ASSIGN_OR_RETURN(std::set<std::string> packages,
                          ChangedStatements(*place_.repository, step.before,
                                            step.after, place_.limits));
  for (const auto& [package, reports] : reports_) {
    if (step.is_whole || touched.contains(package)) packages.insert(package);
  }
  for (const std::string& package : packages) {
    ORRERY_RETURN_IF_ERROR(place_.interrupted());
    ORRERY_RETURN_IF_ERROR(TakePackage(step, package, released));
  }
  return released;
}

absl::Status StatementIntake::TakePackage(
    const TrustStep& step, const std::string& package,
    std::vector<SignedRelease>& released) {
  Subject subject;
  subject.package = package;
  subject.root = step.root;
  ORRERY_ASSIGN_OR_RETURN(
      subject.statements,
      ReadStatements(*place_.repository, step.after, package, place_.limits));
  ORRERY_ASSIGN_OR_RETURN(
      subject.before,
      ReadStatements(*place_.repository, step.before, package, place_.limits));
  std::vector<StatementReport> earlier;
  const auto reported = reports_.find(package);
  if (reported != reports_.end()) {
    earlier = std::move(reported->second);
    reports_.erase(reported);
  }
  if (subject.statements.empty()) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(subject.log, observer_.StateOf(package));
  ORRERY_RETURN_IF_ERROR(CompareLogged(subject, earlier));
  bool goes_on = true;
  while (goes_on) {
    ORRERY_ASSIGN_OR_RETURN(goes_on, TakeNext(subject, released));
  }
  return absl::OkStatus();
}

// Why a statement that is not the logged one with its seq counts for nothing.
absl::Status StatementIntake::Contradiction(
    const signing::PackageState& package,
    const signing::ChainEntry& logged) const {
  const std::string& home = package.keyset->home;
  if (home != place_.source.name) {
    return Refuse(
        RefusalCode::kGitSource,
        absl::StrCat("its maintainers publish it in source ", home, "; source ",
                     place_.source.name, " can have no statements of it"));
  }
  return Refuse(RefusalCode::kRecordFork,
                absl::StrCat("it is logged as sha256:", logged.statement.Hex(),
                             " (leaf ", logged.leaf,
                             ") and cannot change; put it back, and write what "
                             "is new as the next statement"));
}

absl::Status StatementIntake::CompareLogged(
    const Subject& subject, const std::vector<StatementReport>& earlier) {
  const signing::PackageState* const package =
      signing::FindPackage(subject.log, subject.package);
  if (package == nullptr) return absl::OkStatus();
  const signing::Chain& logged = package->maintainers;
  for (const auto& [seq, blobs] : subject.statements) {
    if (seq > static_cast<int64_t>(logged.size())) break;
    if (!blobs.statement.has_value()) continue;
    const auto before = subject.before.find(seq);
    const bool is_same = before != subject.before.end() &&
                         before->second.statement == blobs.statement;
    const bool was_told = std::any_of(
        earlier.begin(), earlier.end(),
        [seq = seq](const StatementReport& r) { return r.seq == seq; });
    if (is_same && !was_told) continue;
    ORRERY_ASSIGN_OR_RETURN(const signing::PublishedStatement published,
                            Read(subject, seq, {blobs.statement, {}}));
    const signing::ChainEntry& entry = logged[static_cast<size_t>(seq - 1)];
    const Digest found = Digest::Of(published.statement);
    if (found == entry.statement) continue;
    Report(subject, seq, Contradiction(*package, entry), /*is_pending=*/false,
           found.Hex());
  }
  return absl::OkStatus();
}

absl::StatusOr<signing::PublishedStatement> StatementIntake::Read(
    const Subject& subject, int64_t seq, const StatementBlobs& blobs) const {
  signing::PublishedStatement published;
  published.source = place_.source.name;
  published.package = subject.package;
  published.seq = seq;
  // What is too large is cut, and so refused, but not read.
  const auto read = [this](const ObjectId& id,
                           uint64_t max) -> absl::StatusOr<std::string> {
    ORRERY_ASSIGN_OR_RETURN(const uint64_t size,
                            place_.repository->BlobSize(id));
    if (size > max) return std::string(max + 1, '\n');
    return place_.repository->ReadBlob(id);
  };
  ORRERY_ASSIGN_OR_RETURN(published.statement,
                          read(*blobs.statement, signing::kMaxStatementBytes));
  for (const auto& [name, id] : blobs.signatures) {
    ORRERY_ASSIGN_OR_RETURN(std::string bytes, read(id, kMaxSignatureBytes));
    published.signatures.push_back({name, std::move(bytes)});
  }
  return published;
}

void StatementIntake::Report(const Subject& subject, int64_t seq,
                             const absl::Status& status, bool is_pending,
                             absl::string_view statement) {
  const std::optional<signing::Refusal> refusal = signing::RefusalOf(status);
  StatementReport report;
  report.package = subject.package;
  report.seq = seq;
  report.is_pending = is_pending;
  report.file = FilePath(subject.package, refusal->place.file.empty()
                                              ? signing::StatementFileName(seq)
                                              : refusal->place.file);
  report.line = refusal->place.line;
  report.code = std::string(signing::RefusalName(refusal->code));
  report.reason = refusal->detail;
  report.statement = std::string(statement);
  reports_[subject.package].push_back(std::move(report));
}

absl::StatusOr<bool> StatementIntake::TakeNext(
    Subject& subject, std::vector<SignedRelease>& released) {
  const signing::PackageState* const package =
      signing::FindPackage(subject.log, subject.package);
  const int64_t seq =
      package == nullptr
          ? 1
          : static_cast<int64_t>(package->maintainers.size()) + 1;
  const auto found = subject.statements.find(seq);
  if (found == subject.statements.end() || !found->second.statement) {
    const auto later = subject.statements.upper_bound(seq);
    if (later == subject.statements.end()) return false;
    Report(subject, seq,
           Refuse(RefusalCode::kRecordChain,
                  absl::StrCat("is not there, and the files of statement ",
                               later->first, " wait for it")),
           /*is_pending=*/true, "");
    return false;
  }
  ORRERY_ASSIGN_OR_RETURN(const signing::PublishedStatement published,
                          Read(subject, seq, found->second));
  const Digest digest = Digest::Of(published.statement);
  signing::JudgedStatement judged =
      signing::JudgeStatement(subject.log, published);
  Verdict verdict{WithSignature(subject.log, published, judged.status),
                  judged.is_pending};
  std::optional<SignedRelease> release;
  if (verdict.status.ok()) {
    if (const auto* body =
            std::get_if<signing::ReleaseRecord>(&judged.record.body)) {
      ORRERY_ASSIGN_OR_RETURN(verdict,
                              JudgeContent(subject, body->content, release));
    } else if (seq == 1) {
      ORRERY_ASSIGN_OR_RETURN(verdict, JudgeKeyset(subject, digest));
    }
  } else if (!signing::RefusalOf(verdict.status).has_value()) {
    return verdict.status;
  }
  if (!verdict.status.ok()) {
    Report(subject, seq, verdict.status, verdict.is_pending, digest.Hex());
    return false;
  }
  signing::Replay replay(std::move(subject.log));
  ORRERY_RETURN_IF_ERROR(replay.Append(judged.leaf));
  subject.log = std::move(replay).TakeState();
  ORRERY_RETURN_IF_ERROR(observer_.AddSigned(
      judged.record, judged.leaf,
      signing::FindPackage(subject.log, subject.package)->keyset->home));
  if (release.has_value()) {
    ORRERY_RETURN_IF_ERROR(observer_.Take(release->judged.contents));
    released.push_back(*std::move(release));
  }
  return true;
}

absl::Status StatementIntake::CheckName(const Subject& subject,
                                        const Digest& statement) const {
  const std::string& name = subject.package;
  if (!admission_.names.ok()) {
    return Refuse(RefusalCode::kTrustSyntax,
                  absl::StrCat("this registry's names cannot be read: ",
                               admission_.names.status().message()));
  }
  const std::optional<signing::Names>& names = *admission_.names;
  const signing::Digest* const bound =
      names.has_value() ? names->FindBinding(name) : nullptr;
  if (bound != nullptr) {
    if (*bound == statement) return absl::OkStatus();
    return Refuse(RefusalCode::kRecordKeyset,
                  absl::StrCat("this registry's names bind ", name,
                               " to keyset sha256:", bound->Hex(),
                               ", not to sha256:", statement.Hex()));
  }
  if (names.has_value()) {
    ORRERY_RETURN_IF_ERROR(names->CheckReserved(name));
  }
  const auto admitted = admission_.admitted.find(name);
  if (admitted != admission_.admitted.end() &&
      admitted->second == statement.Hex()) {
    return absl::OkStatus();
  }
  ORRERY_ASSIGN_OR_RETURN(const std::string precedent, Precedent(subject));
  if (precedent.empty()) return absl::OkStatus();
  return Refuse(
      RefusalCode::kNameHeld,
      absl::StrCat(precedent,
                   "; the registry's operator lets this keyset (sha256:",
                   statement.Hex(), ") in with `orrery source admit ",
                   place_.source.name, " ", name, "`"));
}

absl::StatusOr<std::string> StatementIntake::Precedent(
    const Subject& subject) const {
  const std::string& name = subject.package;
  const signing::PackageState* const package =
      signing::FindPackage(subject.log, name);
  if (package != nullptr) {
    const std::string source =
        ObservingSource(subject.log, *package, place_.source.name);
    if (source == place_.source.name) {
      return absl::StrCat(
          name, " has releases that were logged before anybody signed for it");
    }
    if (!source.empty()) {
      return absl::StrCat("source ", source, " has ", name, " too");
    }
  }
  return admission_.elsewhere(name);
}

absl::StatusOr<StatementIntake::Verdict> StatementIntake::JudgeKeyset(
    const Subject& subject, const Digest& statement) const {
  ORRERY_ASSIGN_OR_RETURN(
      const std::optional<ObjectId> folder,
      FindTree(*place_.repository, subject.root, PackageFolder(subject.package),
               place_.limits));
  if (!folder.has_value()) {
    return Verdict{
        Refuse(RefusalCode::kContentUnlisted,
               absl::StrCat("waits for the first release: there is no folder ",
                            PackageFolder(subject.package), " yet")),
        true};
  }
  absl::Status status = CheckName(subject, statement);
  const auto refusal = signing::RefusalOf(status);
  if (!status.ok() && !refusal.has_value()) return status;
  // Both are for the operator to settle.
  const bool is_held =
      refusal.has_value() && (refusal->code == RefusalCode::kNameHeld ||
                              refusal->code == RefusalCode::kTrustSyntax);
  return Verdict{std::move(status), is_held};
}

absl::Status StatementIntake::JudgePins(const signing::RevisionContent& content,
                                        const ObjectId& directory) const {
  if (content.assets.empty() && content.images.empty()) {
    return absl::OkStatus();
  }
  const auto read = [&](absl::string_view name) -> absl::StatusOr<std::string> {
    ORRERY_ASSIGN_OR_RETURN(const std::optional<TreeEntry> file,
                            place_.repository->FindInTree(
                                directory, name, place_.limits.max_tree_bytes));
    if (!file.has_value()) return "";
    return place_.repository->ReadBlob(file->id);
  };
  ORRERY_ASSIGN_OR_RETURN(const std::string artifacts, read(kArtifactsFile));
  if (artifacts.empty()) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(const std::string resource, read(kResourceFile));
  return CheckPins(content, artifacts, resource);
}

absl::StatusOr<StatementIntake::Verdict> StatementIntake::JudgeContent(
    const Subject& subject, const signing::RevisionContent& content,
    std::optional<SignedRelease>& released) const {
  PackageTreeEntry place;
  place.path =
      absl::StrCat(PackageFolder(subject.package), "/", content.release);
  place.depth = 3;
  place.mode = kTreeMode;
  ORRERY_ASSIGN_OR_RETURN(
      const std::optional<ObjectId> tree,
      FindTree(*place_.repository, subject.root, place.path, place_.limits));
  if (!tree.has_value()) {
    return Verdict{Refuse(RefusalCode::kContentUnlisted,
                          absl::StrCat("there is no release directory ",
                                       place.path, " yet")),
                   true};
  }
  place.id = *tree;
  ContentClaims claims;
  ContentPacker packer;
  ORRERY_ASSIGN_OR_RETURN(
      JudgedEntry judged,
      JudgeTreeEntry(*place_.repository, place, place_.source, claims, packer));
  if (!judged.entry.has_value()) {
    return Verdict{Refuse(RefusalCode::kContentPath,
                          absl::StrCat(place.path, " is no release directory")),
                   false};
  }
  Verdict verdict;
  verdict.status =
      CompareFiles(content, *judged.entry->release, verdict.is_pending);
  if (verdict.status.ok()) verdict.status = CheckVerdict(*judged.entry);
  if (verdict.status.ok()) verdict.status = CheckSameAs(content, *judged.entry);
  if (verdict.status.ok()) {
    verdict.status = JudgePins(content, *tree);
    const bool is_unread =
        !verdict.status.ok() && !signing::RefusalOf(verdict.status).has_value();
    if (is_unread) return verdict.status;
  }
  if (verdict.status.ok()) {
    released.emplace(SignedRelease{place.path, std::move(judged)});
  }
  return verdict;
}

}  // namespace orrery::registry
