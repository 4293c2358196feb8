#include "catalog/verify/file_tree.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "catalog/verify/stored_file.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

std::string WithoutSlash(absl::string_view text) {
  while (text.size() > 1 && absl::ConsumeSuffix(&text, "/")) {
  }
  return std::string(text);
}

class DirectoryTree final : public FileTree {
 public:
  explicit DirectoryTree(absl::string_view directory)
      : name_(WithoutSlash(directory)) {}

  const std::string& name() const override { return name_; }
  bool is_remote() const override { return false; }
  absl::StatusOr<std::string> Read(absl::string_view path,
                                   int64_t max_bytes) override {
    auto bytes = ReadStoredFile(absl::StrCat(name_, "/", path), max_bytes);
    if (!absl::IsNotFound(bytes.status()) || access(name_.c_str(), F_OK) == 0) {
      return bytes;
    }
    return absl::NotFoundError(absl::StrCat(name_, ": there is no directory"));
  }
  absl::Status ReadPieces(absl::string_view path, int64_t max_bytes,
                          TakePiece take) override {
    return ReadStoredPieces(absl::StrCat(name_, "/", path), max_bytes, take);
  }

 private:
  const std::string name_;
};

class HttpTree final : public FileTree {
 public:
  HttpTree(absl::string_view url, HttpFetcher& http)
      : name_(WithoutSlash(url)), http_(http) {}

  const std::string& name() const override { return name_; }
  bool is_remote() const override { return true; }
  absl::StatusOr<std::string> Read(absl::string_view path,
                                   int64_t max_bytes) override {
    return http_.Fetch(absl::StrCat(name_, "/", path), max_bytes);
  }
  absl::Status ReadPieces(absl::string_view path, int64_t max_bytes,
                          TakePiece take) override {
    return http_.FetchPieces(absl::StrCat(name_, "/", path), max_bytes, take);
  }

 private:
  const std::string name_;
  HttpFetcher& http_;
};

}  // namespace

absl::Status HttpFetcher::FetchPieces(const std::string& url, int64_t max_bytes,
                                      TakePiece take) {
  ORRERY_ASSIGN_OR_RETURN(const std::string bytes, Fetch(url, max_bytes));
  return take(bytes);
}

absl::Status FileTree::ReadPieces(absl::string_view path, int64_t max_bytes,
                                  TakePiece take) {
  ORRERY_ASSIGN_OR_RETURN(const std::string bytes, Read(path, max_bytes));
  return take(bytes);
}

std::unique_ptr<FileTree> OpenDirectoryTree(absl::string_view directory) {
  return std::make_unique<DirectoryTree>(directory);
}

std::unique_ptr<FileTree> OpenTree(absl::string_view place, HttpFetcher& http) {
  if (absl::StartsWith(place, "http://") ||
      absl::StartsWith(place, "https://")) {
    return std::make_unique<HttpTree>(place, http);
  }
  absl::ConsumePrefix(&place, "file://");
  return OpenDirectoryTree(place);
}

}  // namespace orrery::catalog
