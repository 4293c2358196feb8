#include "registry/source/statement_intake.h"

#include <algorithm>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "registry/format/release_directory.h"
#include "signing/record/record.h"
#include "signing/record/record_parser.h"
#include "signing/record/statement_file.h"
#include "signing/record/statement_reader.h"
#include "signing/refusal.h"
#include "signing/replay/replay.h"
#include "signing/ssh/armor.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

using signing::Digest;
using signing::RefusalCode;
using signing::Refuse;

// Of an armor: base64 with its line ends, header and footer.
constexpr uint64_t kMaxSignatureBytes = signing::kMaxArmorBase64 * 2;
constexpr size_t kMaxReports = 1000;
// Of one package, that are told while they wait for another statement.
constexpr int kMaxWaiting = 100;

// The seq of the first statement that is not logged.
int64_t NextSeq(const signing::LogState& log, absl::string_view package) {
  const signing::PackageState* const state = signing::FindPackage(log, package);
  return state == nullptr ? 1
                          : static_cast<int64_t>(state->maintainers.size()) + 1;
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

}  // namespace

bool DependOnOthers(const std::vector<StatementReport>& reports) {
  return std::any_of(reports.begin(), reports.end(),
                     [](const StatementReport& report) {
                       const auto code = signing::ParseRefusalName(report.code);
                       return code == RefusalCode::kNameHeld ||
                              code == RefusalCode::kNameReserved ||
                              code == RefusalCode::kTrustSyntax ||
                              code == RefusalCode::kRecordKeyset ||
                              code == RefusalCode::kGitSource;
                     });
}

StatementIntake::StatementIntake(Place place, KeysetAdmission admission,
                                 const std::vector<StatementReport>& earlier,
                                 SourceObserver* observer)
    : place_(std::move(place)),
      admission_(std::move(admission)),
      observer_(*observer) {
  for (const StatementReport& report : earlier) {
    // CheckFolder tells of what is no package's.
    if (!report.package.empty()) reports_[report.package].push_back(report);
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

absl::StatusOr<std::vector<SignedRelease>> StatementIntake::Take(
    const TrustStep& step, const std::set<std::string>& touched) {
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
  if (subject.statements.empty() && step.after.has_value()) {
    ORRERY_ASSIGN_OR_RETURN(
        const std::string link,
        FindLink(*place_.repository, *step.after, package, place_.limits));
    if (!link.empty()) {
      ReportLink(package, absl::StrCat(TrustPath(place_.subdir), "/", link));
    }
  }
  if (subject.statements.empty()) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(subject.log, observer_.StateOf(package));
  ORRERY_RETURN_IF_ERROR(CompareLogged(subject, earlier));
  bool goes_on = true;
  while (goes_on) {
    ORRERY_ASSIGN_OR_RETURN(goes_on, TakeNext(subject, released));
  }
  return ReportWaiting(subject);
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
                             absl::string_view statement,
                             std::string release_directory) {
  const std::optional<signing::Refusal> refusal = signing::RefusalOf(status);
  StatementReport report;
  report.package = subject.package;
  report.seq = seq;
  report.is_pending = is_pending;
  // Its own file or that of a signature; the text names those of the release.
  const std::string own = signing::StatementFileName(seq);
  const std::string& file = refusal->place.file;
  report.file =
      FilePath(subject.package, absl::StartsWith(file, own) ? file : own);
  report.line = refusal->place.line;
  report.code = std::string(signing::RefusalName(refusal->code));
  report.reason = refusal->detail;
  report.statement = std::string(statement);
  report.release_directory = std::move(release_directory);
  reports_[subject.package].push_back(std::move(report));
}

absl::Status StatementIntake::CheckFolder(const ObjectId& root) {
  ORRERY_ASSIGN_OR_RETURN(const std::string link,
                          FindLink(*place_.repository, root,
                                   TrustPath(place_.subdir), place_.limits));
  if (!link.empty()) ReportLink("", link);
  return absl::OkStatus();
}

void StatementIntake::ReportLink(const std::string& package,
                                 const std::string& path) {
  StatementReport report;
  report.package = package;
  report.file = path;
  report.code = std::string(signing::RefusalName(RefusalCode::kContentPath));
  report.reason =
      "is a link, which is not followed: statements are files in a folder of "
      "the repository";
  reports_[package].push_back(std::move(report));
}

absl::StatusOr<bool> StatementIntake::TakeNext(
    Subject& subject, std::vector<SignedRelease>& released) {
  const int64_t seq = NextSeq(subject.log, subject.package);
  const auto found = subject.statements.lower_bound(seq);
  if (found == subject.statements.end()) return false;
  if (found->first == seq && !found->second.irregular.empty()) {
    Report(subject, seq,
           signing::At({.file = found->second.irregular},
                       Refuse(RefusalCode::kContentPath,
                              "is a link or a folder; only files are read")),
           /*is_pending=*/false, "");
    return false;
  }
  if (found->first != seq || !found->second.statement) {
    Report(subject, seq,
           Refuse(RefusalCode::kRecordChain,
                  absl::StrCat("is not there, and the files of statement ",
                               found->first, " wait for it")),
           /*is_pending=*/true, "");
    return false;
  }
  ORRERY_ASSIGN_OR_RETURN(const signing::PublishedStatement published,
                          Read(subject, seq, found->second));
  const Digest digest = Digest::Of(published.statement);
  signing::JudgedStatement judged =
      signing::JudgeStatement(subject.log, published);
  StatementVerdict verdict{WithSignature(subject.log, published, judged.status),
                           judged.is_pending};
  std::optional<SignedRelease> release;
  const std::string directory = ReleaseDirectory(subject, judged.record);
  if (verdict.status.ok()) {
    if (const auto* body =
            std::get_if<signing::ReleaseRecord>(&judged.record.body)) {
      ORRERY_ASSIGN_OR_RETURN(
          SignedReleaseVerdict of_release,
          JudgeSignedRelease(*place_.repository, subject.root, directory,
                             place_.source, body->content, place_.limits));
      verdict = std::move(of_release.verdict);
      release = std::move(of_release.release);
    } else if (seq == 1) {
      ORRERY_ASSIGN_OR_RETURN(verdict, JudgeKeyset(subject, digest));
    }
  } else if (!signing::RefusalOf(verdict.status).has_value()) {
    return verdict.status;
  }
  if (!verdict.status.ok()) {
    Report(subject, seq, verdict.status, verdict.is_pending, digest.Hex(),
           directory);
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

absl::Status StatementIntake::ReportWaiting(const Subject& subject) {
  const int64_t stopped_at = NextSeq(subject.log, subject.package);
  int waiting = 0;
  for (auto it = subject.statements.upper_bound(stopped_at);
       it != subject.statements.end() && waiting < kMaxWaiting; ++it) {
    const auto& [seq, blobs] = *it;
    if (!blobs.statement.has_value()) continue;
    ++waiting;
    ORRERY_ASSIGN_OR_RETURN(const signing::PublishedStatement published,
                            Read(subject, seq, {blobs.statement, {}}));
    // What cannot be read is told when its turn comes.
    const auto record = signing::ParseRecord(published.statement);
    Report(
        subject, seq,
        Refuse(RefusalCode::kRecordChain,
               absl::StrCat("waits for ",
                            FilePath(subject.package,
                                     signing::StatementFileName(stopped_at)))),
        /*is_pending=*/true, Digest::Of(published.statement).Hex(),
        record.ok() ? ReleaseDirectory(subject, *record) : "");
  }
  return absl::OkStatus();
}

absl::StatusOr<StatementVerdict> StatementIntake::JudgeKeyset(
    const Subject& subject, const Digest& statement) const {
  const std::string path = Folder(subject.package);
  ORRERY_ASSIGN_OR_RETURN(
      const std::optional<ObjectId> folder,
      FindTree(*place_.repository, subject.root, path, place_.limits));
  if (!folder.has_value()) {
    return StatementVerdict{
        Refuse(RefusalCode::kContentUnlisted,
               absl::StrCat("waits for the first release: there is no folder ",
                            path, " yet")),
        /*is_pending=*/true};
  }
  return JudgeFirstKeyset(admission_, subject.log,
                          {place_.source.name, subject.package, statement});
}

std::string StatementIntake::ReleaseDirectory(
    const Subject& subject, const signing::Record& record) const {
  const auto* const body = std::get_if<signing::ReleaseRecord>(&record.body);
  if (body == nullptr) return "";
  return absl::StrCat(Folder(subject.package), "/", body->content.release);
}

std::string StatementIntake::Folder(absl::string_view package) const {
  return PackageFolder(PackagesPath(place_.subdir), package);
}

}  // namespace orrery::registry
