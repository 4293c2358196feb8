#include "catalog/verify/bundle/bundle_export.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "catalog/verify/bundle/bundle_manifest.h"
#include "catalog/verify/bundle/bundle_writer.h"
#include "catalog/verify/bundle/log_files.h"
#include "catalog/verify/bundle/ustar.h"
#include "catalog/verify/mirror_path.h"
#include "catalog/verify/release_files.h"
#include "signing/record/record.h"
#include "signing/refusal.h"
#include "signing/replay/catalog.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using signing::Digest;
using signing::kTileWidth;
using signing::TileId;

// Bytes that a server keeps by their digest (artifacts are no part of a log).
std::string ArtifactPath(const Digest& digest) {
  return absl::StrCat("v1/artifacts/sha256/", digest.Hex());
}

class BundleExporter {
 public:
  BundleExporter(Verifier::OpenedRegistry& registry, const FileCache& cache,
                 const BundleRequest& request)
      : registry_(registry),
        cache_(cache),
        request_(request),
        catalog_(signing::PrintNamedCatalog(registry.view.log.log)) {}

  absl::StatusOr<WrittenBundle> Run(const std::string& path) {
    ORRERY_RETURN_IF_ERROR(ListMembers());
    if (members_.size() > kMaxBundleMembers) {
      return absl::FailedPreconditionError(absl::StrCat(
          "there are ", members_.size(), " files, and a bundle has ",
          kMaxBundleMembers, " at most: export fewer packages at a time"));
    }
    const std::string manifest = FormatBundleManifest(members_);
    ORRERY_ASSIGN_OR_RETURN(writer_, BundleWriter::Create(path));
    ORRERY_RETURN_IF_ERROR(writer_->Add(kBundleManifest, manifest));
    if (request_.sign != nullptr) {
      ORRERY_ASSIGN_OR_RETURN(const std::string armor, request_.sign(manifest));
      ORRERY_RETURN_IF_ERROR(writer_->Add(kBundleSignature, armor));
    }
    for (const BundleMember& member : members_) {
      ORRERY_RETURN_IF_ERROR(WriteMember(member));
    }
    ORRERY_RETURN_IF_ERROR(writer_->Finish());
    return WrittenBundle{static_cast<int64_t>(members_.size()),
                         writer_->bytes()};
  }

 private:
  uint64_t size() const { return registry_.view.log.state.checkpoint.size; }
  const std::string& note() const { return registry_.view.log.state.note; }

  void AddMember(std::string path, const Digest& digest, MirrorPath name) {
    members_.push_back({std::move(path), digest, std::move(name)});
  }

  absl::Status ListMembers() {
    for (const auto& [digest, bytes] : request_.blobs) {
      AddMember(BlobPath(digest), digest,
                {.kind = MirrorPath::Kind::kBlob, .digest = digest});
    }
    for (const Digest& digest : request_.artifacts) {
      if (request_.blobs.count(digest) > 0) continue;
      AddMember(BlobPath(digest), digest,
                {.kind = MirrorPath::Kind::kBlob, .digest = digest});
    }
    const Digest catalog_digest = Digest::Of(catalog_);
    AddMember(CatalogPath(catalog_digest), catalog_digest,
              {.kind = MirrorPath::Kind::kCatalog, .digest = catalog_digest});
    AddMember(kCheckpointPath, Digest::Of(note()), {});
    ORRERY_RETURN_IF_ERROR(
        ForEachTile(registry_.view.log.leaves,
                    [&](const TileId& id, absl::string_view bytes) {
                      if (!IsLeftOut(id)) AddTile(id, bytes);
                      AddEdgeBefore(id, bytes);
                      return absl::OkStatus();
                    }));
    std::sort(members_.begin(), members_.end(),
              [](const BundleMember& a, const BundleMember& b) {
                return a.path < b.path;
              });
    return absl::OkStatus();
  }

  // Entries that the other side has whole.
  bool IsLeftOut(const TileId& id) const {
    return id.level == TileId::kEntries &&
           (id.index + 1) * kTileWidth <= request_.since;
  }

  void AddTile(const TileId& id, absl::string_view bytes) {
    AddMember(TilePath(id), Digest::Of(bytes),
              {.kind = MirrorPath::Kind::kTile, .tile = id});
    if (id.level != TileId::kEntries) hashes_[id] = std::string(bytes);
  }

  // The hashes of the right edge that the other side has: by them a reader
  // knows from where the bundle goes on.
  void AddEdgeBefore(const TileId& id, absl::string_view bytes) {
    if (id.level != 0 || id.index != request_.since / kTileWidth) return;
    const auto width = static_cast<int>(request_.since % kTileWidth);
    if (width == 0 || width == id.width) return;
    AddTile({0, id.index, width},
            bytes.substr(0, static_cast<size_t>(width) * Digest::kSize));
  }

  absl::Status WriteMember(const BundleMember& member) {
    switch (member.name.kind) {
      case MirrorPath::Kind::kBlob:
        return WriteBlob(member);
      case MirrorPath::Kind::kCatalog:
        return writer_->Add(member.path, catalog_);
      case MirrorPath::Kind::kCheckpoint:
        return writer_->Add(member.path, note());
      case MirrorPath::Kind::kTile:
        return WriteTile(member);
      case MirrorPath::Kind::kLeaf:
        break;
    }
    return absl::InternalError(absl::StrCat(member.path, " is not written"));
  }

  absl::Status WriteTile(const BundleMember& member) {
    const TileId& id = member.name.tile;
    if (id.level != TileId::kEntries) {
      return writer_->Add(member.path, hashes_.at(id));
    }
    ORRERY_ASSIGN_OR_RETURN(
        const std::string bundle,
        ReadEntryBundle(registry_.view.log.leaves, id.index));
    return writer_->Add(member.path, bundle);
  }

  absl::Status WriteBlob(const BundleMember& member) {
    const auto file = request_.blobs.find(member.digest);
    if (file == request_.blobs.end()) return WriteArtifact(member);
    ORRERY_ASSIGN_OR_RETURN(
        const std::string bytes,
        FetchFile({member.digest, file->second, member.path}, registry_.places,
                  cache_));
    return writer_->Add(member.path, bytes);
  }

  absl::Status WriteArtifact(const BundleMember& member) {
    absl::Status written = absl::NotFoundError("there is no place to ask");
    for (FileTree* const place : registry_.places.usable()) {
      for (const std::string& path :
           {member.path, ArtifactPath(member.digest)}) {
        written = CopyArtifact(*place, path, member);
        if (!absl::IsNotFound(written)) break;
      }
      if (written.ok() || !absl::IsNotFound(written)) break;
    }
    if (!absl::IsNotFound(written) && !absl::IsUnavailable(written)) {
      return written;
    }
    return signing::Refuse(
        signing::RefusalCode::kLogUnavailable,
        absl::StrCat("artifact ", member.digest.Hex(),
                     " must go along and cannot be had: ", written.message()));
  }

  absl::Status CopyArtifact(FileTree& place, const std::string& path,
                            const BundleMember& member) {
    signing::DigestBuilder digest;
    return writer_->AddPieces(member.path, [&](TakePiece take) -> absl::Status {
      ORRERY_RETURN_IF_ERROR(
          place.ReadPieces(path, kMaxUstarBytes, [&](absl::string_view piece) {
            digest.Add(piece);
            return take(piece);
          }));
      if (digest.Finish() == member.digest) return absl::OkStatus();
      return signing::Refuse(
          signing::RefusalCode::kContentDigest,
          absl::StrCat("artifact ", member.digest.Hex(), " of ", place.name(),
                       " has other bytes"));
    });
  }

  Verifier::OpenedRegistry& registry_;
  const FileCache& cache_;
  const BundleRequest& request_;
  const std::string catalog_;
  std::vector<BundleMember> members_;
  // Tiles of hashes that are members: 32 bytes a leaf.
  std::map<TileId, std::string> hashes_;
  std::unique_ptr<BundleWriter> writer_;
};

}  // namespace

absl::StatusOr<WrittenBundle> WriteBundle(Verifier::OpenedRegistry& registry,
                                          const FileCache& cache,
                                          const BundleRequest& request,
                                          const std::string& path) {
  const uint64_t size = registry.view.log.state.checkpoint.size;
  if (request.since > size) {
    return absl::OutOfRangeError(
        absl::StrCat("the log has ", size, " leaves, fewer than the ",
                     request.since, " that the other side is said to have"));
  }
  return BundleExporter(registry, cache, request).Run(path);
}

}  // namespace orrery::catalog
