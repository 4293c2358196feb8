#include "catalog/verify/log_audit.h"

#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

#include "signing/digest.h"
#include "signing/log/merkle.h"
#include "signing/log/tile.h"
#include "signing/log/tile_cutter.h"
#include "signing/record/leaf.h"
#include "signing/record/record.h"
#include "signing/record/signed_record.h"
#include "signing/record/signer_count.h"
#include "signing/refusal.h"
#include "signing/replay/catalog.h"
#include "signing/replay/replay.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using signing::RefusalCode;
using signing::Refuse;

class Auditor {
 public:
  Auditor(const signing::RegistryTrust& trust, RegistryView& view,
          PlaceList& places)
      : trust_(trust),
        view_(view),
        places_(places),
        replay_(view.log.state.checkpoint.origin) {}

  absl::StatusOr<LogAudit> Run() {
    const uint64_t size = view_.log.state.checkpoint.size;
    for (uint64_t bundle = 0; bundle * signing::kTileWidth < size; ++bundle) {
      ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> entries,
                              view_.log.leaves.Entries(bundle));
      for (const std::string& entry : entries) {
        ORRERY_RETURN_IF_ERROR(TakeLeaf(entry));
      }
      for (const signing::Tile& tile : cutter_.TakeFull()) {
        ORRERY_RETURN_IF_ERROR(CompareTile(tile));
      }
    }
    for (const signing::Tile& tile : cutter_.Edge()) {
      ORRERY_RETURN_IF_ERROR(CompareTile(tile));
    }
    ORRERY_RETURN_IF_ERROR(CompareCatalog());
    for (const signing::VoidLeaf& leaf : replay_.state().void_leaves) {
      TakeVoid(leaf);
    }
    for (const auto& [name, package] : replay_.state().packages) {
      VerifySignatures(name, package);
    }
    return std::move(audit_);
  }

 private:
  absl::Status TakeLeaf(const std::string& bytes) {
    const int64_t index = audit_.leaves++;
    const signing::Digest hash = signing::LeafHash(bytes);
    ORRERY_RETURN_IF_ERROR(Compare(absl::StrCat("leaf/", hash.Hex()), bytes,
                                   RefusalCode::kLogInclusion, index));
    const auto leaf = signing::ParseLeaf(bytes);
    if (leaf.ok() && leaf->record.kind == signing::RecordKind::kIndex) {
      TakeIndex(std::get<signing::IndexRecord>(leaf->record.body), index);
    }
    cutter_.Append(hash);
    // Void leaves are looked at when all are in.
    (void)replay_.Append(bytes);
    return absl::OkStatus();
  }

  void TakeIndex(const signing::IndexRecord& record, int64_t index) {
    ++audit_.catalogs;
    const std::string catalog = signing::PrintCatalog(replay_.state());
    if (signing::Digest::Of(catalog) == record.catalog &&
        static_cast<int64_t>(catalog.size()) == record.catalog_bytes) {
      return;
    }
    AddFault(RefusalCode::kIndexMismatch,
             "its catalog is not that of the leaves before it", index);
  }

  absl::Status CompareTile(const signing::Tile& tile) {
    ++audit_.tiles;
    return Compare(absl::StrCat("log/", signing::FormatTilePath(tile.id)),
                   tile.bytes, RefusalCode::kLogTile, std::nullopt);
  }

  absl::Status CompareCatalog() {
    const std::string catalog = signing::PrintNamedCatalog(replay_.state());
    return Compare(absl::StrCat("catalog/", signing::Digest::Of(catalog).Hex()),
                   catalog, RefusalCode::kIndexDigest, std::nullopt);
  }

  // That some place has the file with these bytes.
  absl::Status Compare(const std::string& path, const std::string& bytes,
                       RefusalCode code, std::optional<int64_t> index) {
    const absl::Status status =
        places_
            .Read(path, static_cast<int64_t>(bytes.size()),
                  [&](absl::string_view read) {
                    return read == bytes
                               ? absl::OkStatus()
                               : Refuse(code, absl::StrCat(
                                                  path,
                                                  " is not what the leaves of "
                                                  "the log give"));
                  })
            .status();
    if (status.ok()) return status;
    const std::optional<signing::Refusal> refusal = signing::RefusalOf(status);
    if (!refusal.has_value()) return status;
    AddFault(refusal->code == RefusalCode::kContentSize ? code : refusal->code,
             refusal->detail, index);
    return absl::OkStatus();
  }

  void TakeVoid(const signing::VoidLeaf& leaf) {
    if (trust_.names.IsExcused(leaf.leaf, leaf.leaf_hash)) {
      audit_.excused.push_back(leaf);
    } else {
      AddFault(leaf.code, absl::StrCat("the leaf is void: ", leaf.detail),
               leaf.leaf);
    }
  }

  // Each record of the chain by the keyset that was in force before it. One
  // that lacks signatures never was.
  void VerifySignatures(const std::string& name,
                        const signing::PackageState& package) {
    const signing::KeysetRecord* in_force = nullptr;
    for (size_t at = 0; at < package.maintainers.size(); ++at) {
      const signing::SignedRecord& record = *package.signed_records[at];
      const absl::Status status = VerifyRecord(record, in_force, at);
      if (status.ok()) {
        ++audit_.signed_records;
        if (record.keyset() != nullptr) in_force = record.keyset();
        continue;
      }
      const int64_t leaf = package.maintainers[at].leaf;
      const signing::Refusal refusal = *signing::RefusalOf(status);
      if (trust_.names.IsExcused(leaf, record.leaf_hash())) {
        audit_.excused.push_back({leaf,
                                  record.leaf_hash(),
                                  refusal.code,
                                  refusal.detail,
                                  {name},
                                  std::nullopt});
      } else {
        AddFault(refusal.code, refusal.detail, leaf);
      }
    }
  }

  static absl::Status VerifyRecord(const signing::SignedRecord& record,
                                   const signing::KeysetRecord* in_force,
                                   size_t at) {
    if (at > 0 && in_force == nullptr) {
      return Refuse(RefusalCode::kRecordKeyset, "follows no keyset that holds");
    }
    return signing::CountSigners(record, in_force,
                                 [](const std::string&) { return false; })
        .status;
  }

  void AddFault(RefusalCode code, absl::string_view detail,
                std::optional<int64_t> index) {
    audit_.faults.push_back(signing::At(
        {.registry = trust_.registry.id, .leaf = index}, Refuse(code, detail)));
  }

  const signing::RegistryTrust& trust_;
  RegistryView& view_;
  PlaceList& places_;
  signing::Replay replay_;
  signing::TileCutter cutter_;
  LogAudit audit_;
};

}  // namespace

absl::StatusOr<LogAudit> AuditLog(const signing::RegistryTrust& trust,
                                  RegistryView& view, PlaceList& places) {
  return Auditor(trust, view, places).Run();
}

}  // namespace orrery::catalog
