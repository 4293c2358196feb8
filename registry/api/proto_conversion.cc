#include "registry/api/proto_conversion.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

#include "registry/format/finding.h"
#include "registry/format/relations_document.h"
#include "registry/index/relations_review.h"
#include "registry/index/release_relations.h"
#include "registry/judge/tree_hash.h"
#include "registry/status/statement_report.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr char kReplacement[] = "\xef\xbf\xbd";
constexpr char kByteOrderMark[] = "\xef\xbb\xbf";
constexpr int32_t kDefaultPriority = 100;

// Bytes of the UTF-8 character at the front of `text`; 0 when there is none.
size_t CharacterSize(absl::string_view text) {
  const auto byte = [&](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const auto tail = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf && tail(1)) return 2;
  if (first >= 0xe0 && first <= 0xef && tail(1) && tail(2)) {
    const bool overlong = first == 0xe0 && byte(1) < 0xa0;
    const bool surrogate = first == 0xed && byte(1) >= 0xa0;
    return overlong || surrogate ? 0 : 3;
  }
  if (first >= 0xf0 && first <= 0xf4 && tail(1) && tail(2) && tail(3)) {
    const bool overlong = first == 0xf0 && byte(1) < 0x90;
    const bool beyond = first == 0xf4 && byte(1) >= 0x90;
    return overlong || beyond ? 0 : 4;
  }
  return 0;
}

absl::string_view FirstParagraph(absl::string_view text) {
  return text.substr(0, text.find("\n\n"));
}

// A document is embedded in JSON answers as it is, where a byte-order mark has
// no place.
std::string Embeddable(std::string document) {
  if (absl::StartsWith(document, kByteOrderMark)) document.erase(0, 3);
  return document;
}

v1::Severity SeverityToProto(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return v1::SEVERITY_INFO;
    case Severity::kWarn:
      return v1::SEVERITY_WARN;
    case Severity::kError:
      return v1::SEVERITY_ERROR;
  }
  return v1::SEVERITY_UNSPECIFIED;
}

v1::Finding FindingToProto(const Finding& finding) {
  v1::Finding message;
  message.set_rule(finding.rule);
  message.set_severity(SeverityToProto(finding.severity));
  message.set_path(ValidUtf8(finding.path));
  if (finding.pointer.has_value()) {
    message.set_pointer(ValidUtf8(*finding.pointer));
  }
  if (finding.line.has_value()) message.set_line(*finding.line);
  message.set_text(ValidUtf8(finding.text));
  return message;
}

v1::RefusedRelease RefusedToProto(const Finding& finding) {
  v1::RefusedRelease message;
  message.set_step(kReleaseStep);
  message.set_file(ValidUtf8(finding.path));
  if (signing::ParseRefusalName(finding.rule).has_value()) {
    message.set_code(finding.rule);
  }
  message.set_rule(finding.rule);
  message.set_path(ValidUtf8(finding.path));
  if (finding.pointer.has_value()) {
    message.set_pointer(ValidUtf8(*finding.pointer));
  }
  if (finding.line.has_value()) message.set_line(*finding.line);
  message.set_reason(ValidUtf8(finding.text));
  return message;
}

v1::RefusedRelease RefusedToProto(const StatementReport& report) {
  v1::RefusedRelease message;
  message.set_step(kStatementStep);
  message.set_rule(report.code);
  message.set_code(report.code);
  message.set_path(ValidUtf8(report.file));
  message.set_file(ValidUtf8(report.file));
  if (report.line.has_value()) {
    message.set_line(static_cast<int32_t>(*report.line));
  }
  message.set_reason(ValidUtf8(report.reason));
  message.set_package(report.package);
  message.set_seq(report.seq);
  return message;
}

v1::PendingStatement PendingToProto(const StatementReport& report) {
  v1::PendingStatement message;
  message.set_step(kStatementStep);
  message.set_package(report.package);
  message.set_seq(report.seq);
  message.set_file(ValidUtf8(report.file));
  if (report.line.has_value()) {
    message.set_line(static_cast<int32_t>(*report.line));
  }
  message.set_code(report.code);
  message.set_reason(ValidUtf8(report.reason));
  return message;
}

// Statements and release directories that are not taken. `Message` is a source
// or an operation on one.
template <typename Message>
void AddReports(const SourceStatus& status, Message* message) {
  for (const StatementReport& report : status.statements) {
    if (report.is_pending) {
      *message->add_pending() = PendingToProto(report);
    } else {
      *message->add_refused() = RefusedToProto(report);
    }
  }
  if (status.contents == nullptr) return;
  for (const Finding& finding : status.contents->refused) {
    // Its record is there, and told as what it waits for.
    if (finding.rule ==
            signing::RefusalName(signing::RefusalCode::kRecordEvidence) &&
        IsWaitedFor(finding.path, status.statements)) {
      continue;
    }
    *message->add_refused() = RefusedToProto(finding);
  }
}

absl::Status AddRelations(const Snapshot& snapshot, const Release& release,
                          v1::Release* message) {
  ORRERY_ASSIGN_OR_RETURN(const PackagePtr package,
                          snapshot.FindPackage(release.name));
  if (package == nullptr) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(const RelationsInForce in_force,
                          ReadRelationsInForce(snapshot, *package));
  for (const std::string& refusal : in_force.refusals) {
    message->add_refused_relations(ValidUtf8(refusal));
  }
  for (const auto& [source, finding] : in_force.findings) {
    if (!finding.refuses) *message->add_findings() = FindingToProto(finding);
  }
  for (size_t i = 0; i < package->releases.size(); ++i) {
    const Release& candidate = *package->releases[i];
    const ReleaseRelations& relations = in_force.releases[i];
    if (candidate.release != release.release ||
        candidate.source != release.source || relations.holder == nullptr) {
      continue;
    }
    ORRERY_ASSIGN_OR_RETURN(const std::vector<Finding> findings,
                            ReviewRelations(snapshot, release, relations));
    for (const Finding& finding : findings) {
      *message->add_findings() = FindingToProto(finding);
    }
    ORRERY_ASSIGN_OR_RETURN(
        *message->mutable_relations(),
        snapshot.ReadFile(*relations.holder, kRelationsFile));
    message->set_relations_origin(RelationsOrigin(relations));
    for (const std::string& text :
         RequirementTexts(relations.document->relations)) {
      message->add_requirements(text);
    }
  }
  return absl::OkStatus();
}

v1::SourceState StateToProto(SyncState state) {
  switch (state) {
    case SyncState::kOk:
      return v1::SOURCE_STATE_OK;
    case SyncState::kSyncing:
      return v1::SOURCE_STATE_SYNCING;
    case SyncState::kFailed:
      return v1::SOURCE_STATE_FAILED;
    case SyncState::kHeld:
      return v1::SOURCE_STATE_HELD;
    case SyncState::kFrozen:
      return v1::SOURCE_STATE_FROZEN;
  }
  return v1::SOURCE_STATE_UNSPECIFIED;
}

v1::SourceMode ModeToProto(signing::RevisionMode mode) {
  return mode == signing::RevisionMode::kMutable ? v1::SOURCE_MODE_MUTABLE
                                                 : v1::SOURCE_MODE_IMMUTABLE;
}

v1::SourceAdmission AdmissionToProto(signing::Admission admission) {
  switch (admission) {
    case signing::Admission::kObserved:
      return v1::SOURCE_ADMISSION_OBSERVED;
    case signing::Admission::kSshsig:
      return v1::SOURCE_ADMISSION_SSHSIG;
    case signing::Admission::kNone:
      return v1::SOURCE_ADMISSION_NONE;
  }
  return v1::SOURCE_ADMISSION_UNSPECIFIED;
}

void SetTime(const std::optional<absl::Time>& time,
             google::protobuf::Timestamp* (v1::Source::*mutable_field)(),
             v1::Source* source) {
  if (!time.has_value() || *time == absl::InfiniteFuture()) return;
  google::protobuf::Timestamp* field = (source->*mutable_field)();
  const timespec parts = absl::ToTimespec(*time);
  field->set_seconds(parts.tv_sec);
  field->set_nanos(static_cast<int32_t>(parts.tv_nsec));
}

}  // namespace

std::string ValidUtf8(absl::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const size_t size = CharacterSize(text);
    if (size == 0) {
      valid += kReplacement;
      text.remove_prefix(1);
      continue;
    }
    valid.append(text.data(), size);
    text.remove_prefix(size);
  }
  return valid;
}

v1::PackageSummary SummaryToProto(const Release& release) {
  v1::PackageSummary message;
  message.set_name(release.name);
  message.set_release(release.release);
  message.set_version(ValidUtf8(release.version));
  message.set_selected(release.selected);
  message.set_description(ValidUtf8(FirstParagraph(release.description)));
  message.set_source(release.source);
  message.set_framework(release.framework);
  for (const std::string& tag : release.tags) {
    message.add_tags(ValidUtf8(tag));
  }
  return message;
}

absl::StatusOr<v1::Release> ReleaseToProto(const Snapshot& snapshot,
                                           const Release& release) {
  v1::Release message;
  message.set_name(release.name);
  message.set_release(release.release);
  message.set_version(ValidUtf8(release.version));
  message.set_source(release.source);
  message.set_hidden(release.hidden);
  ORRERY_ASSIGN_OR_RETURN(std::string package,
                          snapshot.ReadFile(release, kPackageFile));
  message.set_package(Embeddable(std::move(package)));
  ORRERY_ASSIGN_OR_RETURN(std::string config,
                          snapshot.ReadOptionalFile(release, kConfigFile));
  message.set_config(Embeddable(std::move(config)));
  ORRERY_ASSIGN_OR_RETURN(std::string resource,
                          snapshot.ReadOptionalFile(release, kResourceFile));
  message.set_resource(Embeddable(std::move(resource)));
  for (const Finding& finding : release.findings) {
    *message.add_findings() = FindingToProto(finding);
  }
  message.set_tree(TreeHash(release));
  ORRERY_RETURN_IF_ERROR(AddRelations(snapshot, release, &message));
  return message;
}

v1::Source SourceToProto(const SourceStatus& status) {
  v1::Source message;
  message.set_name(status.source.name);
  message.set_url(status.source.url);
  message.set_ref(ValidUtf8(status.source.ref));
  message.set_subdir(
      status.source.subdir.empty() ? "." : ValidUtf8(status.source.subdir));
  message.set_priority(status.source.priority);
  const SourceFiles& files = status.source.files;
  if (!files.token.empty()) message.set_token_file(files.token);
  if (!files.ssh_key.empty()) message.set_ssh_key_file(files.ssh_key);
  if (!files.known_hosts.empty()) {
    message.set_known_hosts_file(files.known_hosts);
  }
  if (!files.certificate_authorities.empty()) {
    message.set_ca_file(files.certificate_authorities);
  }
  if (!files.webhook_secret.empty()) {
    message.set_webhook_secret_file(files.webhook_secret);
  }
  message.set_state(StateToProto(status.state));
  message.set_rejudged_releases(status.rejudged);
  if (!status.source.overlay_of.empty()) {
    message.set_overlay_of(status.source.overlay_of);
  }
  message.set_mode(ModeToProto(status.source.mode));
  message.set_admit(AdmissionToProto(status.source.admission));
  if (!status.source.first_commit.empty()) {
    message.set_first_commit(status.source.first_commit);
  }
  if (status.error.has_value()) message.set_error(ValidUtf8(*status.error));
  if (status.remote_commit.has_value()) {
    message.set_remote_commit(*status.remote_commit);
  }
  SetTime(status.sync_time, &v1::Source::mutable_sync_time, &message);
  SetTime(status.last_success_time, &v1::Source::mutable_last_success_time,
          &message);
  SetTime(status.last_change_time, &v1::Source::mutable_last_change_time,
          &message);
  SetTime(status.next_attempt_time, &v1::Source::mutable_next_attempt_time,
          &message);
  SetTime(status.stalled_since, &v1::Source::mutable_stalled_since, &message);
  AddReports(status, &message);
  if (status.contents == nullptr) return message;
  const SourceContents& contents = *status.contents;
  message.set_commit(contents.commit);
  message.set_packages(contents.packages);
  message.set_releases(contents.releases);
  message.set_hidden(contents.hidden);
  message.set_legacy_releases(contents.legacy_releases);
  message.set_overlays(contents.overlays);
  message.set_refused_not_listed(
      std::max<int64_t>(0, contents.refused_places - kMaxRefusedPlaces));
  message.mutable_findings()->insert(contents.findings.begin(),
                                     contents.findings.end());
  return message;
}

v1::SourceOperation OperationToProto(const std::string& source, int64_t look) {
  v1::SourceOperation message;
  message.set_name(absl::StrCat("sources/", source, "/operations/", look));
  message.set_source(source);
  return message;
}

void EndOperation(const SourceStatus& status, v1::SourceOperation* message) {
  message->set_done(true);
  if (status.contents != nullptr) {
    message->set_commit(status.contents->commit);
  }
  if (status.error.has_value()) message->set_error(ValidUtf8(*status.error));
  AddReports(status, message);
}

absl::Status AddOverlayFindings(const Snapshot& snapshot,
                                const SourceContents& overlay,
                                v1::Source* message) {
  ORRERY_ASSIGN_OR_RETURN(const std::vector<Finding> findings,
                          ReviewOverlay(snapshot, overlay));
  for (const Finding& finding : findings) {
    ++(*message->mutable_findings())[finding.rule];
    if (!finding.refuses) continue;
    if (message->refused_size() < kMaxRefusedPlaces) {
      *message->add_refused() = RefusedToProto(finding);
    } else {
      message->set_refused_not_listed(message->refused_not_listed() + 1);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Source> SourceFromProto(const v1::CreateSourceRequest& request) {
  Source source;
  source.name = request.name();
  source.url = request.url();
  source.ref = request.ref();
  source.subdir = request.subdir();
  source.priority =
      request.priority() == 0 ? kDefaultPriority : request.priority();
  source.overlay_of = request.overlay_of();
  if (request.mode() == "mutable") {
    source.mode = signing::RevisionMode::kMutable;
  } else if (!request.mode().empty() && request.mode() != "immutable") {
    return absl::InvalidArgumentError(absl::StrCat(
        "mode is immutable or mutable, found \"", request.mode(), "\""));
  }
  if (request.admit() == "sshsig") {
    source.admission = signing::Admission::kSshsig;
  } else if (request.admit() == "none") {
    source.admission = signing::Admission::kNone;
  } else if (!request.admit().empty() && request.admit() != "observed") {
    return absl::InvalidArgumentError(absl::StrCat(
        "admit is observed, sshsig or none, found \"", request.admit(), "\""));
  }
  source.first_commit = request.first_commit();
  source.files.token = request.token_file();
  source.files.ssh_key = request.ssh_key_file();
  source.files.known_hosts = request.known_hosts_file();
  source.files.certificate_authorities = request.ca_file();
  source.files.webhook_secret = request.webhook_secret_file();
  return source;
}

}  // namespace orrery::registry
