#include "signing/record/record.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace orrery::signing {
namespace {

constexpr std::array<std::pair<RecordKind, absl::string_view>, 10> kKinds = {{
    {RecordKind::kKeyset, "keyset"},
    {RecordKind::kRelease, "release"},
    {RecordKind::kYank, "yank"},
    {RecordKind::kDistrust, "distrust"},
    {RecordKind::kSource, "source"},
    {RecordKind::kObserved, "observed"},
    {RecordKind::kWithdrawn, "withdrawn"},
    {RecordKind::kRestored, "restored"},
    {RecordKind::kClaim, "claim"},
    {RecordKind::kIndex, "index"},
}};

absl::string_view GateName(CommitGate gate) {
  switch (gate) {
    case CommitGate::kNone:
      return "none";
    case CommitGate::kFirstParent:
      return "first-parent";
    case CommitGate::kAll:
      return "all";
  }
  return "";
}

// Appends the lines of one statement.
class Printer {
 public:
  template <typename... Fields>
  void Line(const Fields&... fields) {
    absl::StrAppend(&text_, fields...);
    text_.push_back('\n');
  }

  void Head(const Record& record);
  void operator()(const KeysetRecord& body);
  void operator()(const ReleaseRecord& body);
  void operator()(const YankRecord& body);
  void operator()(const DistrustRecord& body);
  void operator()(const SourceRecord& body);
  void operator()(const ObservedRecord& body);
  void operator()(const PresenceRecord& body);
  void operator()(const ClaimRecord& body);
  void operator()(const IndexRecord& body);

  std::string Take() { return std::move(text_); }

 private:
  void Keyset(const KeysetReference& keyset);
  void Seen(const Sighting& sighting);
  void Content(const RevisionContent& content);

  std::string text_;
};

void Printer::Head(const Record& record) {
  Line("orrery/record/v1");
  Line("kind ", RecordKindName(record.kind));
  for (const std::string& log : record.logs) Line("log ", log);
  if (!record.package.empty()) Line("package ", record.package);
  if (const auto* source = std::get_if<SourceRecord>(&record.body)) {
    Line("source ", source->id);
  }
  if (record.kind == RecordKind::kClaim || record.kind == RecordKind::kIndex) {
    return;
  }
  Line("seq ", record.seq);
  Line("prev sha256:", record.prev.Hex());
}

void Printer::Keyset(const KeysetReference& keyset) {
  Line("keyset ", keyset.number, " sha256:", keyset.statement.Hex());
}

void Printer::Seen(const Sighting& sighting) {
  Line("source ", sighting.source, " sha256:", sighting.source_statement.Hex());
  if (const auto* commit = std::get_if<std::string>(&sighting.state)) {
    Line("commit ", *commit);
  } else {
    Line("document sha256:", std::get<Digest>(sighting.state).Hex());
  }
}

void Printer::Content(const RevisionContent& content) {
  Line("release ", content.release);
  Line("revision ", content.revision);
  if (content.replaces.has_value()) {
    Line("replaces ", content.replaces->Text());
  }
  Line("version ", content.version);
  Line("tree ", content.tree.Text());
  for (const ContentFile& file : content.files) {
    Line("file sha256:", file.digest.Hex(), " ", file.bytes, " ", file.path);
  }
  for (const PinnedAsset& asset : content.assets) {
    Line("asset sha256:", asset.digest.Hex(), " ", asset.bytes, " ", asset.id,
         " ", asset.url);
  }
  for (const PinnedImage& image : content.images) {
    Line("image ", image.id, " ", image.reference,
         "@sha256:", image.digest.Hex());
  }
  for (const std::string& requirement : content.requirements) {
    Line("requires ", requirement);
  }
}

void Printer::operator()(const KeysetRecord& body) {
  Line("keyset ", body.number);
  Line("threshold keyset ", body.keyset_threshold);
  Line("threshold release ", body.release_threshold);
  Line("threshold yank ", body.yank_threshold);
  Line("mode ", RevisionModeName(body.mode));
  for (const Signer& signer : body.signers) {
    Line("signer ", PrintSigner(signer));
  }
  for (const RepositoryRef& repository : body.repositories) {
    Line("repo ", repository.url, " ", repository.ref);
  }
  Line("gate ", GateName(body.gate));
}

void Printer::operator()(const ReleaseRecord& body) {
  Keyset(body.keyset);
  Content(body.content);
}

void Printer::operator()(const YankRecord& body) {
  Keyset(body.keyset);
  Line("release ", body.release);
  if (body.revision.has_value()) {
    Line("revision ", *body.revision);
  } else {
    Line("revision all");
  }
  Line("reason ", body.reason);
}

void Printer::operator()(const DistrustRecord& body) {
  Keyset(body.keyset);
  Line("key ", body.fingerprint);
  Line("from ", body.first_seq);
  Line("to ", body.last_seq);
  Line("reason ", body.reason);
}

void Printer::operator()(const SourceRecord& body) {
  const auto* git = std::get_if<GitOrigin>(&body.origin);
  if (git != nullptr) {
    Line("git ", git->repository.url, " ", git->repository.ref, " ",
         git->directory);
  } else {
    Line("json ", std::get<JsonOrigin>(body.origin).url);
  }
  Line("layout ", git != nullptr ? "universe" : "universe-json");
  if (body.overlay_of.empty()) {
    Line("role base");
  } else {
    Line("role overlay ", body.overlay_of);
  }
  Line("priority ", body.priority);
  Line("mode ", RevisionModeName(body.mode));
  Line("admit ", AdmissionName(body.admission));
  if (git != nullptr && !git->tip.empty()) Line("tip ", git->tip);
}

void Printer::operator()(const ObservedRecord& body) {
  Seen(body.sighting);
  Content(body.content);
}

void Printer::operator()(const PresenceRecord& body) {
  Seen(body.sighting);
  Line("release ", body.release);
  Line("revision ", body.revision);
  Line("tree ", body.tree.Text());
}

void Printer::operator()(const ClaimRecord& body) {
  Line("keyset sha256:", body.keyset_statement.Hex());
  Line("repo ", body.repository.url, " ", body.repository.ref);
}

void Printer::operator()(const IndexRecord& body) {
  Line("size ", body.size);
  Line("time ", body.unix_seconds);
  Line("catalog sha256:", body.catalog.Hex(), " ", body.catalog_bytes);
}

}  // namespace

absl::string_view RecordKindName(RecordKind kind) {
  return std::find_if(kKinds.begin(), kKinds.end(),
                      [&](const auto& entry) { return entry.first == kind; })
      ->second;
}

std::optional<RecordKind> ParseRecordKind(absl::string_view name) {
  const auto* found =
      std::find_if(kKinds.begin(), kKinds.end(),
                   [&](const auto& entry) { return entry.second == name; });
  if (found == kKinds.end()) return std::nullopt;
  return found->first;
}

bool IsMaintainerKind(RecordKind kind) {
  return kind == RecordKind::kKeyset || kind == RecordKind::kRelease ||
         kind == RecordKind::kYank || kind == RecordKind::kDistrust;
}

absl::string_view RevisionModeName(RevisionMode mode) {
  return mode == RevisionMode::kImmutable ? "immutable" : "mutable";
}

absl::string_view AdmissionName(Admission admission) {
  switch (admission) {
    case Admission::kObserved:
      return "observed";
    case Admission::kSshsig:
      return "sshsig";
    case Admission::kNone:
      return "none";
  }
  return "";
}

std::string PrintSigner(const Signer& signer) {
  return absl::StrCat(
      signer.principal, " namespaces=\"", absl::StrJoin(signer.namespaces, ","),
      "\" ", signer.key.type(), " ", absl::Base64Escape(signer.key.blob()));
}

std::string PrintRecord(const Record& record) {
  Printer printer;
  printer.Head(record);
  std::visit(printer, record.body);
  return printer.Take();
}

}  // namespace orrery::signing
