#ifndef TESTS_TESTING_SNAPSHOT_BUILDER_H_
#define TESTS_TESTING_SNAPSHOT_BUILDER_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "registry/content_reader.h"
#include "registry/release.h"
#include "registry/snapshot.h"
#include "signing/digest.h"

namespace orrery::tests {

// Bytes in memory.
class FakeContentReader : public registry::ContentReader {
 public:
  signing::Digest Put(const std::string& bytes) {
    const signing::Digest digest = signing::Digest::Of(bytes);
    bytes_[digest] = bytes;
    return digest;
  }

  absl::StatusOr<std::string> Read(const signing::Digest& digest) override {
    const auto found = bytes_.find(digest);
    if (found == bytes_.end()) return absl::NotFoundError(digest.Hex());
    return found->second;
  }

 private:
  std::map<signing::Digest, std::string> bytes_;
};

// A snapshot of one source, `example`, made by hand. Releases are added by name
// and from the highest number down.
class SnapshotBuilder {
 public:
  SnapshotBuilder& AddRelease(const std::string& name, int64_t number,
                              const std::string& version,
                              const std::map<std::string, std::string>& files) {
    auto release = std::make_shared<registry::Release>();
    release->name = name;
    release->release = number;
    release->version = version;
    release->source = "example";
    for (const auto& [file, bytes] : files) {
      release->files.push_back(
          {file, 0100644, bytes.size(), content_->Put(bytes)});
    }
    if (packages_.empty() || packages_.back()->name != name) {
      packages_.push_back(std::make_shared<registry::PackageEntry>());
      packages_.back()->name = name;
    }
    packages_.back()->releases.push_back(std::move(release));
    return *this;
  }

  registry::SnapshotPtr Build() const {
    auto source = std::make_shared<registry::SourceContents>();
    source->name = "example";
    source->url = "file:///srv/example";
    return std::make_shared<registry::Snapshot>(
        1,
        std::vector<registry::PackagePtr>(packages_.begin(), packages_.end()),
        std::vector<std::shared_ptr<const registry::SourceContents>>{source},
        content_);
  }

 private:
  std::shared_ptr<FakeContentReader> content_ =
      std::make_shared<FakeContentReader>();
  std::vector<std::shared_ptr<registry::PackageEntry>> packages_;
};

}  // namespace orrery::tests

#endif  // TESTS_TESTING_SNAPSHOT_BUILDER_H_
