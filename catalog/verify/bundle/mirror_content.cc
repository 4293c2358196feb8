#include "catalog/verify/bundle/mirror_content.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "catalog/verify/bundle/log_files.h"
#include "catalog/verify/bundle/release_assets.h"
#include "signing/log/entry_bundle.h"
#include "signing/log/merkle.h"
#include "signing/record/leaf.h"
#include "signing/record/record.h"
#include "signing/refusal.h"
#include "signing/replay/log_state.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using signing::Digest;
using signing::RefusalCode;
using signing::Refuse;
using Kind = MirrorPath::Kind;

// Longer than any file of a log.
constexpr int64_t kMaxLogFile = int64_t{17} << 20;

// The revision that a leaf carries.
std::map<int64_t, CarriedRevision> RevisionsByLeaf(
    const signing::LogState& log) {
  std::map<int64_t, CarriedRevision> revisions;
  for (const auto& [name, package] : log.packages) {
    for (const auto& [place, release] : package.releases) {
      const bool is_overlay = !signing::FindSource(log, place.first)->is_base();
      for (size_t i = 0; i < release.revisions.size(); ++i) {
        const signing::RevisionEntry& entry = release.revisions[i];
        const CarriedRevision carried{
            name,
            {place.first, place.second, static_cast<int64_t>(i) + 1},
            is_overlay};
        for (const auto& leaf : {entry.observed, entry.released}) {
          if (leaf.has_value()) revisions.emplace(*leaf, carried);
        }
      }
    }
  }
  return revisions;
}

std::string RevisionText(const CarriedRevision& revision) {
  return absl::StrCat(revision.package, "@release=", revision.key.release, "#",
                      revision.key.revision, " of source ",
                      revision.key.source);
}

class ContentReader {
 public:
  ContentReader(MirrorTree& tree, signing::RefreshedLog& log)
      : tree_(tree), log_(log) {
    for (const MirrorFile& file : tree.files()) {
      switch (file.name.kind) {
        case Kind::kBlob:
          blobs_.insert(file.name.digest);
          break;
        case Kind::kCatalog:
          catalogs_.insert(file.name.digest);
          break;
        case Kind::kLeaf:
          leaves_.insert(file.name.digest);
          break;
        case Kind::kTile:
          tiles_[{file.name.tile.level, file.name.tile.index}].push_back(&file);
          break;
        case Kind::kCheckpoint:
          break;
      }
    }
  }

  absl::StatusOr<MirrorContent> Run() {
    ORRERY_RETURN_IF_ERROR(ForEachTile(
        log_.leaves, [&](const signing::TileId& id, absl::string_view bytes) {
          return CompareTiles(id, bytes);
        }));
    const auto revisions = RevisionsByLeaf(log_.log);
    ORRERY_RETURN_IF_ERROR(
        ForEachLeaf(log_.leaves, [&](int64_t index, const std::string& leaf) {
          return TakeLeaf(revisions, index, leaf);
        }));
    ORRERY_RETURN_IF_ERROR(CheckBlobs());
    if (tree_.is_bundle()) ORRERY_RETURN_IF_ERROR(CheckNothingElse());
    std::sort(carried_.begin(), carried_.end(),
              [](const CarriedRevision& a, const CarriedRevision& b) {
                return std::tie(a.package, a.key.source, a.key.release,
                                a.key.revision) <
                       std::tie(b.package, b.key.source, b.key.release,
                                b.key.revision);
              });
    carried_.erase(std::unique(carried_.begin(), carried_.end(),
                               [](const auto& a, const auto& b) {
                                 return a.package == b.package &&
                                        a.key == b.key;
                               }),
                   carried_.end());
    return MirrorContent{std::move(carried_), std::move(artifacts_)};
  }

 private:
  // Each file of the tile `id`, of whatever width, with the bytes that the
  // leaves give.
  absl::Status CompareTiles(const signing::TileId& id,
                            absl::string_view bytes) {
    const auto found = tiles_.find({id.level, id.index});
    if (found == tiles_.end()) return absl::OkStatus();
    std::vector<const MirrorFile*> wider;
    for (const MirrorFile* const file : found->second) {
      if (file->name.tile.width > id.width) {
        // Of a later state, which a directory may be on its way to.
        wider.push_back(file);
        continue;
      }
      ORRERY_ASSIGN_OR_RETURN(const std::string read,
                              tree_.Read(file->path, kMaxLogFile));
      if (read != Narrowed(id, bytes, file->name.tile.width)) {
        return signing::At(
            {.file = file->path},
            Refuse(RefusalCode::kLogTile,
                   absl::StrCat(file->path,
                                " is not what the leaves of the log give")));
      }
    }
    found->second = std::move(wider);
    if (found->second.empty()) tiles_.erase(found);
    return absl::OkStatus();
  }

  static absl::string_view Narrowed(const signing::TileId& id,
                                    absl::string_view bytes, int width) {
    if (width == id.width) return bytes;
    if (id.level != signing::TileId::kEntries) {
      return bytes.substr(0, static_cast<size_t>(width) * Digest::kSize);
    }
    const auto entries = signing::SplitEntries(bytes, id.width);
    return bytes.substr(
        0, static_cast<size_t>((*entries)[static_cast<size_t>(width)].data() -
                               bytes.data()) -
               kLengthBytes);
  }

  absl::Status TakeLeaf(const std::map<int64_t, CarriedRevision>& revisions,
                        int64_t index, const std::string& bytes) {
    if (leaves_.erase(signing::LeafHash(bytes)) > 0) {
      const std::string path =
          absl::StrCat("leaf/", signing::LeafHash(bytes).Hex());
      ORRERY_ASSIGN_OR_RETURN(const std::string read,
                              tree_.Read(path, kMaxLogFile));
      if (read != bytes) {
        return signing::At(
            {.file = path, .leaf = index},
            Refuse(RefusalCode::kLogInclusion,
                   absl::StrCat(path, " is not the leaf of its name")));
      }
    }
    const auto leaf = signing::ParseLeaf(bytes);
    if (!leaf.ok()) return absl::OkStatus();
    const auto& body = leaf->record.body;
    if (const auto* catalog = std::get_if<signing::IndexRecord>(&body)) {
      catalogs_.erase(catalog->catalog);
    }
    // A void leaf carries nothing.
    const auto revision = revisions.find(index);
    if (revision == revisions.end()) return absl::OkStatus();
    if (const auto* seen = std::get_if<signing::ObservedRecord>(&body)) {
      TakeContent(revision->second, seen->content);
    } else if (const auto* own = std::get_if<signing::ReleaseRecord>(&body)) {
      TakeContent(revision->second, own->content);
    }
    return absl::OkStatus();
  }

  void TakeContent(const CarriedRevision& revision,
                   const signing::RevisionContent& content) {
    std::vector<Digest> there;
    const signing::ContentFile* missing = nullptr;
    for (const signing::ContentFile& file : content.files) {
      if (blobs_.count(file.digest) > 0) {
        there.push_back(file.digest);
      } else {
        missing = &file;
      }
    }
    if (there.empty()) return;
    if (missing != nullptr) {
      for (const Digest& digest : there) {
        partial_.emplace(digest, absl::StrCat(RevisionText(revision), " lacks ",
                                              missing->path, ", ",
                                              BlobPath(missing->digest)));
      }
      return;
    }
    explained_.insert(there.begin(), there.end());
    for (const signing::PinnedAsset& asset : content.assets) {
      explained_.insert(asset.digest);
    }
    carried_.push_back(revision);
    carried_files_.insert(there.begin(), there.end());
  }

  absl::Status CheckBlobs() {
    std::vector<Digest> others = Unexplained();
    if (others.empty()) return absl::OkStatus();
    // Files may name bytes that are in no record.
    for (const Digest& digest : carried_files_) {
      ORRERY_ASSIGN_OR_RETURN(
          const std::string text,
          tree_.Read(BlobPath(digest), signing::kMaxContentFileBytes));
      AddArtifacts(text, &explained_);
    }
    const std::vector<Digest> unlisted = std::move(others);
    others = Unexplained();
    std::set_difference(unlisted.begin(), unlisted.end(), others.begin(),
                        others.end(), std::back_inserter(artifacts_));
    for (const Digest& digest : others) {
      const auto partial = partial_.find(digest);
      if (partial != partial_.end()) {
        return Refuse(RefusalCode::kBundleGap, partial->second);
      }
    }
    if (others.empty() || !tree_.is_bundle()) return absl::OkStatus();
    return Unreferred(BlobPath(others.front()));
  }

  std::vector<Digest> Unexplained() const {
    std::vector<Digest> others;
    std::set_difference(blobs_.begin(), blobs_.end(), explained_.begin(),
                        explained_.end(), std::back_inserter(others));
    return others;
  }

  absl::Status CheckNothingElse() const {
    if (!catalogs_.empty()) return Unreferred(CatalogPath(*catalogs_.begin()));
    if (!leaves_.empty()) {
      return Unreferred(absl::StrCat("leaf/", leaves_.begin()->Hex()));
    }
    if (!tiles_.empty()) {
      return Unreferred(tiles_.begin()->second.front()->path);
    }
    return absl::OkStatus();
  }

  static absl::Status Unreferred(absl::string_view path) {
    return Refuse(RefusalCode::kBundleManifest,
                  absl::StrCat(path, " is in it, but no record and no catalog ",
                               "of its log refers to that"));
  }

  static constexpr size_t kLengthBytes = 2;

  MirrorTree& tree_;
  signing::RefreshedLog& log_;
  std::set<Digest> blobs_;
  // What no leaf accounts for yet.
  std::set<Digest> catalogs_;
  std::set<Digest> leaves_;
  std::map<std::pair<int, uint64_t>, std::vector<const MirrorFile*>> tiles_;
  // Blobs of whole revisions, and what those name.
  std::set<Digest> explained_;
  std::set<Digest> carried_files_;
  // What is missing of the revision that a blob is of.
  std::map<Digest, std::string> partial_;
  std::vector<CarriedRevision> carried_;
  std::vector<Digest> artifacts_;
};

}  // namespace

absl::StatusOr<MirrorContent> ReadMirrorContent(MirrorTree& tree,
                                                signing::RefreshedLog& log) {
  return ContentReader(tree, log).Run();
}

}  // namespace orrery::catalog
