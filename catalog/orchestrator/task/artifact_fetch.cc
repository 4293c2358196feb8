#include "catalog/orchestrator/task/artifact_fetch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "curl/curl.h"

#include "registry/format/artifact_uri.h"
#include "registry/store/durable_file.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::FileError;

constexpr int kMostRedirects = 5;
constexpr int64_t kHashBytes = int64_t{1} << 20;

std::string SchemeOf(absl::string_view uri) {
  const size_t colon = uri.find(':');
  if (colon == absl::string_view::npos) return "";
  return absl::AsciiStrToLower(uri.substr(0, colon));
}

// A file: URI as a path; a path alone is one too.
std::optional<std::string> LocalPath(absl::string_view uri) {
  if (absl::StartsWith(uri, "/")) return std::string(uri);
  if (SchemeOf(uri) != "file") return std::nullopt;
  uri.remove_prefix(5);
  absl::ConsumePrefix(&uri, "//");
  absl::ConsumePrefix(&uri, "localhost");
  return std::string(uri);
}

// One transfer into a writer.
struct Transfer {
  registry::ArtifactStore::Writer* writer;
  FetchProgress* progress;
  int64_t max_bytes;
  absl::Status fault;
};

size_t TakeBytes(char* bytes, size_t size, size_t count, void* context) {
  auto* const transfer = static_cast<Transfer*>(context);
  const size_t length = size * count;
  const int64_t total = transfer->writer->size() + static_cast<int64_t>(length);
  if (total > transfer->max_bytes) {
    transfer->fault = absl::InvalidArgumentError(absl::StrCat(
        "is larger than the limit of ", transfer->max_bytes, " bytes"));
    return 0;
  }
  transfer->fault = transfer->writer->Append({bytes, length});
  transfer->progress->bytes = total;
  return transfer->fault.ok() ? length : 0;
}

int CheckCancelled(void* context, curl_off_t, curl_off_t, curl_off_t,
                   curl_off_t) {
  return static_cast<Transfer*>(context)->progress->cancelled ? 1 : 0;
}

struct Answer {
  long status = 0;
  std::string redirect;
};

absl::StatusOr<Answer> Perform(const std::string& uri,
                               const ArtifactLimits& limits,
                               Transfer* transfer) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(
      curl_easy_init(), &curl_easy_cleanup);
  char reason[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl.get(), CURLOPT_URL, uri.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, reason);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT_MS, 30000L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(limits.time)));
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_LOW_SPEED_TIME,
                   static_cast<long>(absl::ToInt64Seconds(limits.stall)));
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_USERAGENT, "orreryd");
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &TakeBytes);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, transfer);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, &CheckCancelled);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, transfer);
  const CURLcode code = curl_easy_perform(curl.get());
  Answer answer;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  char* redirect = nullptr;
  curl_easy_getinfo(curl.get(), CURLINFO_REDIRECT_URL, &redirect);
  if (redirect != nullptr) answer.redirect = redirect;
  if (code == CURLE_OK) return answer;
  if (code == CURLE_ABORTED_BY_CALLBACK) {
    return absl::CancelledError("the fetch was cancelled");
  }
  if (!transfer->fault.ok()) return transfer->fault;
  const std::string text =
      reason[0] == '\0' ? curl_easy_strerror(code) : reason;
  if (answer.status == 404 || answer.status == 410) {
    return absl::NotFoundError(text);
  }
  return absl::UnavailableError(text);
}

}  // namespace

std::string ArtifactFileName(absl::string_view uri) {
  if (registry::IsArtifactUri(uri)) {
    const absl::StatusOr<registry::ArtifactUri> parsed =
        registry::ParseArtifactUri(uri);
    if (!parsed.ok()) return "";
    return parsed->name.empty() ? parsed->digest.Hex() : parsed->name;
  }
  absl::string_view path = uri.substr(0, uri.find_first_of("?#"));
  const size_t scheme = path.find("://");
  if (scheme != absl::string_view::npos) path.remove_prefix(scheme + 3);
  const size_t slash = path.rfind('/');
  if (slash == absl::string_view::npos) return "";
  return std::string(path.substr(slash + 1));
}

bool IsBelow(absl::string_view path, const std::vector<std::string>& folders) {
  if (!absl::StartsWith(path, "/")) return false;
  for (const absl::string_view part : absl::StrSplit(path, '/')) {
    if (part == "..") return false;
  }
  return std::any_of(folders.begin(), folders.end(),
                     [path](absl::string_view folder) {
                       folder = absl::StripSuffix(folder, "/");
                       return path == folder ||
                              absl::StartsWith(path, absl::StrCat(folder, "/"));
                     });
}

bool MayRedirect(absl::string_view from, absl::string_view to) {
  const std::string target = SchemeOf(to);
  return target == "https" || (target == "http" && SchemeOf(from) == "http");
}

ArtifactFetcher::ArtifactFetcher(registry::ArtifactStore* store,
                                 ArtifactLimits limits,
                                 std::vector<std::string> allow_host_paths)
    : store_(store),
      limits_(limits),
      allow_host_paths_(std::move(allow_host_paths)) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

ArtifactFetcher::~ArtifactFetcher() { curl_global_cleanup(); }

absl::Status ArtifactFetcher::CheckUri(absl::string_view uri) const {
  if (registry::IsArtifactUri(uri)) {
    return registry::ParseArtifactUri(uri).status();
  }
  if (ArtifactFileName(uri).empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", uri, "' does not end with a file name"));
  }
  const std::optional<std::string> path = LocalPath(uri);
  if (path.has_value()) {
    if (IsBelow(*path, allow_host_paths_)) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        "'", uri,
        "' is a file of this host outside allow_host_paths; add it "
        "with 'orrery artifact add' and use what that prints"));
  }
  const std::string scheme = SchemeOf(uri);
  if (scheme == "http" || scheme == "https") return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("'", uri, "' has the scheme '", scheme,
                   "'; http, https, file and artifact can be fetched"));
}

absl::StatusOr<registry::ArtifactFile> ArtifactFetcher::Fetch(
    const std::string& uri, const signing::Digest& digest,
    FetchProgress* progress) {
  ORRERY_RETURN_IF_ERROR(CheckUri(uri));
  const std::shared_ptr<Mutex> turn = TurnOf(digest);
  const MutexLock lock(turn.get());
  absl::StatusOr<registry::ArtifactFile> stored = store_->Get(digest);
  if (stored.ok()) {
    ORRERY_RETURN_IF_ERROR(Verify(*stored));
    return stored;
  }
  if (!absl::IsNotFound(stored.status())) return stored.status();
  if (registry::IsArtifactUri(uri)) {
    return absl::NotFoundError(absl::StrCat(
        "'", uri,
        "' is not in the artifact store; add the file with 'orrery "
        "artifact add'"));
  }
  const std::optional<std::string> path = LocalPath(uri);
  absl::Status fetched = path.has_value() ? CopyFile(*path, digest)
                                          : Download(uri, digest, progress);
  if (!fetched.ok()) {
    return absl::Status(fetched.code(), absl::StrCat("artifact '", uri,
                                                     "': ", fetched.message()));
  }
  return store_->Get(digest);
}

absl::Status ArtifactFetcher::CopyFile(const std::string& path,
                                       const signing::Digest& digest) {
  // A link below an allowed folder may point anywhere.
  std::error_code error;
  const std::string real = std::filesystem::canonical(path, error).string();
  if (error) return FileError("cannot open", path, error.value());
  std::vector<std::string> folders;
  for (const std::string& folder : allow_host_paths_) {
    folders.push_back(std::filesystem::canonical(folder, error).string());
  }
  std::erase(folders, "");
  if (!IsBelow(real, folders)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "leads to '", real, "', which is outside allow_host_paths"));
  }
  return store_->PutFile(real, digest).status();
}

absl::Status ArtifactFetcher::Download(const std::string& uri,
                                       const signing::Digest& digest,
                                       FetchProgress* progress) {
  std::string at = uri;
  for (int redirects = 0; redirects <= kMostRedirects; ++redirects) {
    ORRERY_ASSIGN_OR_RETURN(
        const std::unique_ptr<registry::ArtifactStore::Writer> writer,
        store_->Put(digest));
    Transfer transfer = {writer.get(), progress, limits_.max_bytes,
                         absl::OkStatus()};
    ORRERY_ASSIGN_OR_RETURN(const Answer answer,
                            Perform(at, limits_, &transfer));
    if (answer.redirect.empty()) return writer->Commit().status();
    if (!MayRedirect(at, answer.redirect)) {
      return absl::UnavailableError(absl::StrCat("a redirect from '", at,
                                                 "' to '", answer.redirect,
                                                 "' is not followed"));
    }
    at = answer.redirect;
  }
  return absl::UnavailableError(
      absl::StrCat("more than ", kMostRedirects, " redirects"));
}

absl::Status ArtifactFetcher::Verify(const registry::ArtifactFile& file) {
  struct stat status = {};
  fstat(file.descriptor(), &status);
  const std::string mark =
      absl::StrCat(status.st_ino, "/", status.st_size, "/",
                   status.st_ctim.tv_sec, ".", status.st_ctim.tv_nsec);
  const signing::Digest& digest = file.artifact().digest;
  {
    const MutexLock lock(&mutex_);
    const auto place = verified_.find(digest);
    if (place != verified_.end() && place->second == mark) {
      return absl::OkStatus();
    }
  }
  signing::DigestBuilder builder;
  for (int64_t offset = 0; offset < file.size(); offset += kHashBytes) {
    ORRERY_ASSIGN_OR_RETURN(const std::string bytes,
                            file.ReadAt(offset, kHashBytes));
    builder.Add(bytes);
  }
  const signing::Digest found = builder.Finish();
  if (found != digest) {
    return absl::DataLossError(
        absl::StrCat("the stored artifact ", digest.Hex(),
                     " was damaged: its bytes have sha256 ", found.Hex(),
                     "; remove it with 'orrery artifact remove' and add it "
                     "again"));
  }
  const MutexLock lock(&mutex_);
  verified_[digest] = mark;
  return absl::OkStatus();
}

std::shared_ptr<Mutex> ArtifactFetcher::TurnOf(const signing::Digest& digest) {
  const MutexLock lock(&mutex_);
  std::weak_ptr<Mutex>& turn = turns_[digest];
  std::shared_ptr<Mutex> mutex = turn.lock();
  if (mutex == nullptr) {
    mutex = std::make_shared<Mutex>();
    turn = mutex;
  }
  return mutex;
}

}  // namespace orrery::catalog
