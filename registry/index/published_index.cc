#include "registry/index/published_index.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "registry/index/entry_rows.h"
#include "registry/index/search_listing.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

// More wait for the next change.
constexpr size_t kMaxDropped = 20'000;

// Reads what the transaction that makes a snapshot has written.
class TransactionReader : public SnapshotReader {
 public:
  explicit TransactionReader(SqliteDatabase* database) : database_(*database) {}

  absl::StatusOr<std::vector<ReleasePtr>> ReadReleases(
      const SourceVersion& source, absl::string_view package) override {
    return registry::ReadReleases(database_, source, package);
  }
  absl::StatusOr<std::vector<ReleasePtr>> ReadOverlays(
      const SourceVersion& source, absl::string_view package) override {
    return registry::ReadOverlays(database_, source, package);
  }
  absl::StatusOr<std::vector<std::string>> ReadMentioning(
      const SourceVersion& source, absl::string_view name) override {
    return registry::ReadMentioning(database_, source, name);
  }
  absl::StatusOr<std::vector<std::string>> ReadMentions(
      const SourceVersion& source, absl::string_view prefix) override {
    return registry::ReadMentions(database_, source, prefix);
  }
  absl::StatusOr<std::vector<std::string>> ReadOverlayNames(
      const SourceVersion& source) override {
    return registry::ReadOverlayNames(database_, source);
  }
  absl::StatusOr<std::vector<std::string>> ReadPackageNames(
      const SourceVersion& source) override {
    return registry::ReadPackageNames(database_, source);
  }
  std::vector<std::string> SimilarNames(absl::string_view) override {
    return {};
  }
  absl::StatusOr<std::string> Read(const signing::Digest&) override {
    return absl::UnimplementedError("contents are not read here");
  }

 private:
  SqliteDatabase& database_;
};

std::vector<std::shared_ptr<const SourceContents>> BestFirst(
    const std::map<std::string, std::shared_ptr<const SourceContents>>&
        sources) {
  std::vector<std::shared_ptr<const SourceContents>> sorted;
  for (const auto& [name, contents] : sources) sorted.push_back(contents);
  std::stable_sort(
      sorted.begin(), sorted.end(),
      [](const auto& a, const auto& b) { return a->priority < b->priority; });
  return sorted;
}

absl::StatusOr<uint64_t> ReadGeneration(SqliteDatabase& database) {
  ORRERY_ASSIGN_OR_RETURN(SqliteStatement query,
                          database.Prepare("SELECT generation FROM state"));
  ORRERY_RETURN_IF_ERROR(query.Step().status());
  return static_cast<uint64_t>(query.Int(0));
}

// What a search found, of the snapshot that was searched. What cannot be read
// back is left out.
SearchResult ResultOf(SnapshotPtr snapshot, FoundNames found, size_t limit) {
  SearchResult result;
  result.more = found.names.size() > limit;
  if (result.more) found.names.resize(limit);
  if (!found.names.empty()) result.last_place = found.names.back().place;
  for (const FoundName& one : found.names) {
    const absl::StatusOr<PackagePtr> package = snapshot->FindPackage(one.name);
    if (!package.ok() || *package == nullptr) continue;
    ReleasePtr release = (*package)->default_release();
    if (release != nullptr) result.releases.push_back(std::move(release));
  }
  result.snapshot = std::move(snapshot);
  result.did_you_mean = std::move(found.did_you_mean);
  return result;
}

}  // namespace

PublishedIndex::PublishedIndex(std::shared_ptr<IndexStore> store)
    : store_(std::move(store)) {}

absl::StatusOr<SnapshotPtr> PublishedIndex::ReadCurrent(
    const std::function<absl::Status(SqliteDatabase&)>& read) {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, store_->Reader());
  while (true) {
    SnapshotPtr snapshot;
    ORRERY_RETURN_IF_ERROR(reader->ReadTransaction([&]() -> absl::Status {
      ORRERY_ASSIGN_OR_RETURN(const uint64_t stored, ReadGeneration(*reader));
      snapshot = holder_.Get();
      if (snapshot->generation() != stored) {
        snapshot = nullptr;
        return absl::OkStatus();
      }
      return read(*reader);
    }));
    if (snapshot != nullptr) return snapshot;
    // A change was between its commit and its swap.
    const MutexLock lock(&mutex_);
  }
}

absl::StatusOr<SearchResult> PublishedIndex::Search(const SearchQuery& query) {
  FoundNames found;
  ORRERY_ASSIGN_OR_RETURN(
      SnapshotPtr snapshot,
      ReadCurrent([&](SqliteDatabase& database) -> absl::Status {
        ORRERY_ASSIGN_OR_RETURN(found, SearchNames(database, query));
        return absl::OkStatus();
      }));
  return ResultOf(std::move(snapshot), std::move(found), query.limit);
}

absl::StatusOr<SearchResult> PublishedIndex::List(absl::string_view after,
                                                  size_t limit) {
  FoundNames found;
  ORRERY_ASSIGN_OR_RETURN(
      SnapshotPtr snapshot,
      ReadCurrent([&](SqliteDatabase& database) -> absl::Status {
        ORRERY_ASSIGN_OR_RETURN(found.names,
                                ListNames(database, after, limit + 1));
        return absl::OkStatus();
      }));
  return ResultOf(std::move(snapshot), std::move(found), limit);
}

absl::StatusOr<PublishedIndex::Contents> PublishedIndex::ReadContents(
    SqliteDatabase& database, const SourceFacts& facts,
    const std::string& commit, const StoredIndex& index) const {
  auto contents = std::make_shared<SourceContents>();
  static_cast<SourceCounts&>(*contents) = index.counts;
  contents->name = facts.name;
  contents->url = facts.url;
  contents->priority = facts.priority;
  contents->overlay_of = facts.overlay_of;
  contents->commit = commit;
  contents->version = {index.source, index.version, facts.name, facts.folder};
  if (index.counts.refused_places > 0) {
    ORRERY_ASSIGN_OR_RETURN(
        contents->refused,
        ReadRefused(database, contents->version, kMaxRefusedPlaces));
  }
  return contents;
}

absl::Status PublishedIndex::Load(const SourceFacts& facts,
                                  const std::string& commit) {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, store_->Reader());
  ORRERY_ASSIGN_OR_RETURN(const std::optional<StoredIndex> index,
                          ReadIndex(*reader, facts.name));
  if (!index.has_value() || commit.empty()) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(Contents contents,
                          ReadContents(*reader, facts, commit, *index));
  const MutexLock lock(&mutex_);
  sources_[facts.name] = std::move(contents);
  return absl::OkStatus();
}

absl::Status PublishedIndex::LoadEnd() {
  const MutexLock lock(&mutex_);
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, store_->Reader());
  ORRERY_ASSIGN_OR_RETURN(const uint64_t generation, ReadGeneration(*reader));
  ORRERY_ASSIGN_OR_RETURN(const int64_t visible, CountListed(*reader));
  holder_.Set(std::make_shared<const Snapshot>(generation, BestFirst(sources_),
                                               visible, store_),
              /*changed=*/nullptr);
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement unread,
      reader->Prepare("SELECT EXISTS (SELECT 1 FROM retired) OR EXISTS "
                      "(SELECT 1 FROM entry WHERE died IS NOT NULL)"));
  ORRERY_RETURN_IF_ERROR(unread.Step().status());
  if (unread.Int(0) == 0) return absl::OkStatus();
  unread.Reset();
  return store_->Write(
      [this](SqliteDatabase& database)
          ABSL_NO_THREAD_SAFETY_ANALYSIS { return DropUnread(database); });
}

absl::Status PublishedIndex::DropUnread(SqliteDatabase& database) {
  std::erase_if(older_, [](const std::weak_ptr<const Snapshot>& snapshot) {
    return snapshot.expired();
  });
  if (!older_.empty()) return absl::OkStatus();
  for (const auto& [name, contents] : sources_) {
    ORRERY_RETURN_IF_ERROR(
        DropEndedEntries(database, contents->version, kMaxDropped));
  }
  return DropRetired(database, kMaxDropped);
}

absl::StatusOr<SnapshotPtr> PublishedIndex::NextSnapshot(
    SqliteDatabase& database, const std::map<std::string, Contents>& sources,
    const std::set<std::string>& changed) {
  const uint64_t generation = holder_.Get()->generation() + 1;
  const std::vector<Contents> best_first = BestFirst(sources);
  const Snapshot written(generation, best_first, 0,
                         std::make_shared<TransactionReader>(&database));
  std::map<std::string, ReleasePtr> shown;
  for (const std::string& name : changed) {
    ORRERY_ASSIGN_OR_RETURN(const PackagePtr package,
                            written.FindPackage(name));
    shown[name] = package == nullptr ? nullptr : package->default_release();
  }
  ORRERY_RETURN_IF_ERROR(UpdateListing(database, shown));
  ORRERY_ASSIGN_OR_RETURN(const int64_t visible, CountListed(database));
  ORRERY_ASSIGN_OR_RETURN(SqliteStatement count,
                          database.Prepare("UPDATE state SET generation = ?1"));
  ORRERY_RETURN_IF_ERROR(count.Bind(1, static_cast<int64_t>(generation)).Run());
  return std::make_shared<const Snapshot>(generation, best_first, visible,
                                          store_);
}

void PublishedIndex::Show(SnapshotPtr snapshot,
                          std::map<std::string, Contents> sources,
                          const std::set<std::string>* changed) {
  older_.push_back(holder_.Get());
  sources_ = std::move(sources);
  holder_.Set(std::move(snapshot), changed);
}

absl::Status PublishedIndex::Publish(
    IndexUpdate update, const SourceFacts& facts, const StoredSource& stored,
    const std::vector<ReleaseRevision>& revisions,
    const std::function<absl::Status()>& may_commit) {
  const MutexLock lock(&mutex_);
  std::map<std::string, Contents> sources = sources_;
  SnapshotPtr snapshot;
  const absl::Status written =
      store_->Write([&](SqliteDatabase& database) ABSL_NO_THREAD_SAFETY_ANALYSIS
                    -> absl::Status {
        ORRERY_RETURN_IF_ERROR(DropUnread(database));
        ORRERY_ASSIGN_OR_RETURN(const StoredIndex index,
                                update.Finish(database));
        ORRERY_RETURN_IF_ERROR(PutSource(database, stored));
        ORRERY_RETURN_IF_ERROR(AddRevisions(database, index.source, revisions));
        ORRERY_ASSIGN_OR_RETURN(
            sources[facts.name],
            ReadContents(database, facts, stored.commit, index));
        ORRERY_ASSIGN_OR_RETURN(
            snapshot, NextSnapshot(database, sources, update.packages()));
        // While the log is still being written.
        ORRERY_RETURN_IF_ERROR(database.FlushPages());
        return may_commit();
      });
  const auto known = sources_.find(facts.name);
  if (absl::IsDataLoss(written) && known != sources_.end()) {
    store_->NoteDamage(known->second->version.source);
  }
  ORRERY_RETURN_IF_ERROR(written);
  Show(std::move(snapshot), std::move(sources), &update.touched());
  return absl::OkStatus();
}

absl::Status PublishedIndex::Remove(const std::string& source) {
  const MutexLock lock(&mutex_);
  std::map<std::string, Contents> sources = sources_;
  SnapshotPtr snapshot;
  ORRERY_RETURN_IF_ERROR(store_->Write(
      [&](SqliteDatabase& database)
          ABSL_NO_THREAD_SAFETY_ANALYSIS -> absl::Status {
            ORRERY_ASSIGN_OR_RETURN(const std::optional<StoredIndex> index,
                                    ReadIndex(database, source));
            if (!index.has_value()) return absl::OkStatus();
            SourceVersion version;
            version.source = index->source;
            version.version = index->version;
            ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                                    ReadPackageNames(database, version));
            ORRERY_RETURN_IF_ERROR(RetireSource(database, source));
            sources.erase(source);
            ORRERY_ASSIGN_OR_RETURN(
                snapshot,
                NextSnapshot(database, sources, {names.begin(), names.end()}));
            return absl::OkStatus();
          }));
  if (snapshot == nullptr) return absl::OkStatus();
  Show(std::move(snapshot), std::move(sources), /*changed=*/nullptr);
  return absl::OkStatus();
}

}  // namespace orrery::registry
