#include "registry/log/new_leaf.h"

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "signing/digest.h"
#include "signing/record/leaf.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

signing::Sighting* SightingOf(signing::Record& record) {
  if (auto* observed = std::get_if<signing::ObservedRecord>(&record.body)) {
    return &observed->sighting;
  }
  if (auto* presence = std::get_if<signing::PresenceRecord>(&record.body)) {
    return &presence->sighting;
  }
  return nullptr;
}

// Puts the record behind those that the log has.
absl::Status Place(const signing::LogState& log, signing::Record& record) {
  record.logs = {log.origin};
  if (signing::Sighting* const sighting = SightingOf(record)) {
    const signing::SourceState* const source =
        signing::FindSource(log, sighting->source);
    if (source == nullptr ||
        source->in_force().admission == signing::Admission::kNone) {
      return absl::CancelledError(
          absl::StrCat("source \"", sighting->source, "\" was removed"));
    }
    sighting->source_statement = source->chain.back().statement;
  }
  if (record.kind == signing::RecordKind::kIndex) return absl::OkStatus();
  const signing::Chain* const chain = signing::FindChain(log, record);
  record.seq = chain == nullptr ? 1 : static_cast<int64_t>(chain->size()) + 1;
  record.prev = chain == nullptr ? signing::Digest() : chain->back().statement;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> PlaceLeaf(const signing::LogState& log,
                                      NewLeaf leaf) {
  if (auto* const bytes = std::get_if<std::string>(&leaf)) {
    return std::move(*bytes);
  }
  auto& record = std::get<signing::Record>(leaf);
  ORRERY_RETURN_IF_ERROR(Place(log, record));
  return signing::JoinLeaf(signing::PrintRecord(record), {});
}

}  // namespace orrery::registry
