#include "signing/record/record_parser.h"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "signing/field.h"
#include "signing/record/content_parser.h"
#include "signing/record/keyset_parser.h"
#include "signing/record/statement_reader.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

constexpr int64_t kMaxPriority = 999999;
constexpr size_t kMaxLogs = 4;

absl::StatusOr<KeysetReference> TakeKeysetReference(StatementReader& reader) {
  ORRERY_ASSIGN_OR_RETURN(const auto fields, reader.TakeFields<2>("keyset"));
  KeysetReference keyset;
  ORRERY_ASSIGN_OR_RETURN(keyset.number, ReadNumber(fields[0], 1, kMaxSeq));
  ORRERY_ASSIGN_OR_RETURN(keyset.statement, ParseDigestField(fields[1]));
  return keyset;
}

absl::StatusOr<Sighting> TakeSighting(StatementReader& reader) {
  ORRERY_ASSIGN_OR_RETURN(const auto fields, reader.TakeFields<2>("source"));
  ORRERY_RETURN_IF_ERROR(CheckId(fields[0]));
  Sighting sighting;
  sighting.source = std::string(fields[0]);
  ORRERY_ASSIGN_OR_RETURN(sighting.source_statement,
                          ParseDigestField(fields[1]));
  if (reader.Sees("document")) {
    ORRERY_ASSIGN_OR_RETURN(sighting.state, reader.TakeDigest("document"));
  } else {
    ORRERY_ASSIGN_OR_RETURN(sighting.state,
                            reader.TakeChecked("commit", &CheckCommit));
  }
  return sighting;
}

absl::StatusOr<YankRecord> TakeYank(StatementReader& reader) {
  YankRecord yank;
  ORRERY_ASSIGN_OR_RETURN(yank.keyset, TakeKeysetReference(reader));
  ORRERY_ASSIGN_OR_RETURN(yank.release, reader.TakeNumber("release", 0));
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view revision,
                          reader.Take("revision"));
  if (revision != "all") {
    ORRERY_ASSIGN_OR_RETURN(yank.revision,
                            ReadNumber(revision, 1, kMaxRevision));
  }
  ORRERY_ASSIGN_OR_RETURN(yank.reason,
                          reader.TakeChecked("reason", &CheckFreeText));
  return yank;
}

absl::StatusOr<DistrustRecord> TakeDistrust(StatementReader& reader) {
  DistrustRecord distrust;
  ORRERY_ASSIGN_OR_RETURN(distrust.keyset, TakeKeysetReference(reader));
  ORRERY_ASSIGN_OR_RETURN(distrust.fingerprint,
                          reader.TakeChecked("key", &CheckFingerprint));
  ORRERY_ASSIGN_OR_RETURN(distrust.first_seq,
                          reader.TakeNumber("from", 1, kMaxSeq));
  ORRERY_ASSIGN_OR_RETURN(distrust.last_seq,
                          reader.TakeNumber("to", distrust.first_seq, kMaxSeq));
  ORRERY_ASSIGN_OR_RETURN(distrust.reason,
                          reader.TakeChecked("reason", &CheckFreeText));
  return distrust;
}

absl::StatusOr<GitOrigin> TakeGitOrigin(StatementReader& reader) {
  ORRERY_ASSIGN_OR_RETURN(const auto fields, reader.TakeFields<3>("git"));
  ORRERY_RETURN_IF_ERROR(CheckGitUrl(fields[0]));
  ORRERY_RETURN_IF_ERROR(CheckRef(fields[1]));
  if (fields[2] != ".") ORRERY_RETURN_IF_ERROR(CheckPath(fields[2]));
  return GitOrigin{{std::string(fields[0]), std::string(fields[1])},
                   std::string(fields[2]),
                   ""};
}

absl::StatusOr<JsonOrigin> TakeJsonOrigin(StatementReader& reader) {
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view url, reader.Take("json"));
  ORRERY_RETURN_IF_ERROR(CheckAssetUrl(url));
  if (!absl::StartsWith(url, "https://")) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", url, "' does not begin with https://"));
  }
  return JsonOrigin{std::string(url)};
}

absl::StatusOr<std::string> TakeRole(StatementReader& reader) {
  ORRERY_ASSIGN_OR_RETURN(absl::string_view role, reader.Take("role"));
  if (role == "base") return std::string();
  if (!absl::ConsumePrefix(&role, "overlay ")) {
    return absl::InvalidArgumentError(
        "a role is 'base' or 'overlay' and the id of a base source");
  }
  ORRERY_RETURN_IF_ERROR(CheckId(role));
  return std::string(role);
}

// Behind the `source` line, which is part of the head.
absl::StatusOr<SourceRecord> TakeSource(StatementReader& reader,
                                        std::string id) {
  SourceRecord source;
  source.id = std::move(id);
  const bool is_json = reader.Sees("json");
  if (is_json) {
    ORRERY_ASSIGN_OR_RETURN(source.origin, TakeJsonOrigin(reader));
  } else {
    ORRERY_ASSIGN_OR_RETURN(source.origin, TakeGitOrigin(reader));
  }
  ORRERY_RETURN_IF_ERROR(
      reader.TakeWord("layout", {is_json ? "universe-json" : "universe"})
          .status());
  ORRERY_ASSIGN_OR_RETURN(source.overlay_of, TakeRole(reader));
  ORRERY_ASSIGN_OR_RETURN(source.priority,
                          reader.TakeNumber("priority", 0, kMaxPriority));
  ORRERY_ASSIGN_OR_RETURN(source.mode, TakeRevisionMode(reader));
  ORRERY_ASSIGN_OR_RETURN(
      const size_t admission,
      reader.TakeWord("admit", {"observed", "sshsig", "none"}));
  constexpr Admission kAdmissions[] = {Admission::kObserved, Admission::kSshsig,
                                       Admission::kNone};
  source.admission = kAdmissions[admission];
  if (!is_json && reader.Sees("tip")) {
    ORRERY_ASSIGN_OR_RETURN(std::get<GitOrigin>(source.origin).tip,
                            reader.TakeChecked("tip", &CheckCommit));
  }
  return source;
}

absl::StatusOr<PresenceRecord> TakePresence(StatementReader& reader) {
  PresenceRecord presence;
  ORRERY_ASSIGN_OR_RETURN(presence.sighting, TakeSighting(reader));
  ORRERY_ASSIGN_OR_RETURN(presence.release, reader.TakeNumber("release", 0));
  ORRERY_ASSIGN_OR_RETURN(presence.revision,
                          reader.TakeNumber("revision", 1, kMaxRevision));
  ORRERY_ASSIGN_OR_RETURN(presence.tree, reader.TakeTree("tree"));
  return presence;
}

absl::StatusOr<ClaimRecord> TakeClaim(StatementReader& reader) {
  ClaimRecord claim;
  ORRERY_ASSIGN_OR_RETURN(claim.keyset_statement, reader.TakeDigest("keyset"));
  ORRERY_ASSIGN_OR_RETURN(claim.repository, TakeRepository(reader));
  return claim;
}

absl::StatusOr<IndexRecord> TakeIndex(StatementReader& reader) {
  IndexRecord index;
  ORRERY_ASSIGN_OR_RETURN(index.size, reader.TakeNumber("size", 0));
  ORRERY_ASSIGN_OR_RETURN(index.unix_seconds, reader.TakeNumber("time", 0));
  ORRERY_ASSIGN_OR_RETURN(const auto fields, reader.TakeFields<2>("catalog"));
  ORRERY_ASSIGN_OR_RETURN(index.catalog, ParseDigestField(fields[0]));
  ORRERY_ASSIGN_OR_RETURN(index.catalog_bytes,
                          ReadNumber(fields[1], 0, int64_t{kMaxCatalogBytes}));
  return index;
}

absl::Status TakeLogs(StatementReader& reader, Record& record) {
  const size_t max_logs = IsMaintainerKind(record.kind) ? kMaxLogs : 1;
  do {
    ORRERY_ASSIGN_OR_RETURN(std::string log,
                            reader.TakeChecked("log", &CheckOrigin));
    if (record.logs.size() == max_logs)
      return absl::InvalidArgumentError(
          absl::StrCat("there are more than ", max_logs, " logs"));
    if (!record.logs.empty() && record.logs.back() >= log) {
      return absl::InvalidArgumentError("the logs are not ascending");
    }
    record.logs.push_back(std::move(log));
  } while (reader.Sees("log"));
  return absl::OkStatus();
}

absl::Status TakePosition(StatementReader& reader, Record& record) {
  ORRERY_ASSIGN_OR_RETURN(record.seq, reader.TakeNumber("seq", 1, kMaxSeq));
  ORRERY_ASSIGN_OR_RETURN(record.prev, reader.TakeDigest("prev"));
  return absl::OkStatus();
}

absl::StatusOr<RecordKind> TakeKind(StatementReader& reader) {
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view name, reader.Take("kind"));
  const std::optional<RecordKind> kind = ParseRecordKind(name);
  if (kind.has_value()) return *kind;
  return absl::InvalidArgumentError(
      absl::StrCat("'", name.substr(0, 60), "' is no kind of record"));
}

absl::Status TakeBody(StatementReader& reader, std::string source,
                      absl::Status& weakness, Record& record) {
  switch (record.kind) {
    case RecordKind::kKeyset: {
      ORRERY_ASSIGN_OR_RETURN(record.body, TakeKeyset(reader, weakness));
      return absl::OkStatus();
    }
    case RecordKind::kRelease: {
      ReleaseRecord body;
      ORRERY_ASSIGN_OR_RETURN(body.keyset, TakeKeysetReference(reader));
      ORRERY_ASSIGN_OR_RETURN(body.content,
                              TakeContent(reader, record.package));
      record.body = std::move(body);
      return absl::OkStatus();
    }
    case RecordKind::kYank: {
      ORRERY_ASSIGN_OR_RETURN(record.body, TakeYank(reader));
      return absl::OkStatus();
    }
    case RecordKind::kDistrust: {
      ORRERY_ASSIGN_OR_RETURN(record.body, TakeDistrust(reader));
      return absl::OkStatus();
    }
    case RecordKind::kSource: {
      ORRERY_ASSIGN_OR_RETURN(record.body,
                              TakeSource(reader, std::move(source)));
      return absl::OkStatus();
    }
    case RecordKind::kObserved: {
      ObservedRecord body;
      ORRERY_ASSIGN_OR_RETURN(body.sighting, TakeSighting(reader));
      ORRERY_ASSIGN_OR_RETURN(body.content,
                              TakeContent(reader, record.package));
      record.body = std::move(body);
      return absl::OkStatus();
    }
    case RecordKind::kWithdrawn:
    case RecordKind::kRestored: {
      ORRERY_ASSIGN_OR_RETURN(record.body, TakePresence(reader));
      return absl::OkStatus();
    }
    case RecordKind::kClaim: {
      ORRERY_ASSIGN_OR_RETURN(record.body, TakeClaim(reader));
      return absl::OkStatus();
    }
    case RecordKind::kIndex: {
      ORRERY_ASSIGN_OR_RETURN(record.body, TakeIndex(reader));
      return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

absl::Status TakeRecord(StatementReader& reader, Record& record) {
  ORRERY_RETURN_IF_ERROR(reader.TakeWhole("orrery/record/v1"));
  ORRERY_ASSIGN_OR_RETURN(record.kind, TakeKind(reader));
  ORRERY_RETURN_IF_ERROR(TakeLogs(reader, record));
  std::string source;
  if (record.kind == RecordKind::kSource) {
    ORRERY_ASSIGN_OR_RETURN(source, reader.TakeChecked("source", &CheckId));
  } else if (record.kind != RecordKind::kIndex) {
    ORRERY_ASSIGN_OR_RETURN(record.package,
                            reader.TakeChecked("package", &CheckPackageName));
  }
  if (record.kind != RecordKind::kClaim && record.kind != RecordKind::kIndex) {
    ORRERY_RETURN_IF_ERROR(TakePosition(reader, record));
  }
  // What a line means is said when all have their form.
  absl::Status weakness;
  ORRERY_RETURN_IF_ERROR(TakeBody(reader, std::move(source), weakness, record));
  ORRERY_RETURN_IF_ERROR(reader.TakeEnd());
  return weakness;
}

}  // namespace

absl::StatusOr<Record> ParseRecord(absl::string_view statement) {
  ORRERY_ASSIGN_OR_RETURN(StatementReader reader,
                          StatementReader::Open(statement));
  Record record;
  const absl::Status status = TakeRecord(reader, record);
  if (!status.ok()) {
    return At({.line = reader.line()},
              RefuseAs(RefusalCode::kRecordSyntax, status));
  }
  return record;
}

}  // namespace orrery::signing
