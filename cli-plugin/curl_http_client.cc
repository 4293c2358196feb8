#include "cli-plugin/curl_http_client.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli-plugin/command/version.h"
#include "curl/curl.h"

#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

constexpr char kLibrary[] = "libcurl.so.4";
constexpr int kPollMilliseconds = 1000;

long Milliseconds(absl::Duration duration) {
  if (duration == absl::InfiniteDuration()) return 0;  // curl: no limit
  return std::max<long>(1, absl::ToInt64Milliseconds(duration));
}

// "http://127.0.0.1:7070/x" gives "127.0.0.1".
absl::string_view HostOf(absl::string_view url) {
  const size_t start = url.find("://") + 3;
  absl::string_view host = url.substr(start, url.find('/', start) - start);
  if (absl::StartsWith(host, "[")) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

bool IsLoopback(absl::string_view host) {
  return host == "localhost" || host == "::1" || absl::StartsWith(host, "127.");
}

std::string LowerFirst(std::string text) {
  if (text.size() > 1 && absl::ascii_isupper(text[0]) &&
      !absl::ascii_isupper(text[1])) {
    text[0] = absl::ascii_tolower(static_cast<unsigned char>(text[0]));
  }
  while (!text.empty() && text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

// The functions of libcurl that are used, and the connections it keeps.
struct CurlHttpClient::Library {
  decltype(&::curl_easy_init) easy_init = nullptr;
  decltype(&::curl_easy_setopt) easy_setopt = nullptr;
  decltype(&::curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&::curl_easy_reset) easy_reset = nullptr;
  decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&::curl_easy_strerror) easy_strerror = nullptr;
  decltype(&::curl_slist_append) slist_append = nullptr;
  decltype(&::curl_slist_free_all) slist_free_all = nullptr;
  decltype(&::curl_multi_init) multi_init = nullptr;
  decltype(&::curl_multi_add_handle) multi_add_handle = nullptr;
  decltype(&::curl_multi_remove_handle) multi_remove_handle = nullptr;
  decltype(&::curl_multi_perform) multi_perform = nullptr;
  decltype(&::curl_multi_poll) multi_poll = nullptr;
  decltype(&::curl_multi_info_read) multi_info_read = nullptr;
  decltype(&::curl_multi_cleanup) multi_cleanup = nullptr;

  CURL* easy = nullptr;
  CURLM* multi = nullptr;

  Library() = default;
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() {
    if (easy != nullptr) easy_cleanup(easy);
    if (multi != nullptr) multi_cleanup(multi);
  }
};

// What the callbacks of one request work on.
struct CurlHttpClient::Exchange {
  Exchange(const HttpRequest* sent, Library* loaded)
      : request(sent), library(loaded) {}
  ~Exchange() {
    if (headers != nullptr) library->slist_free_all(headers);
    if (upload >= 0) close(upload);
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  const HttpRequest* request;
  Library* library;
  curl_slist* headers = nullptr;
  int upload = -1;
  HttpResponse response;
  bool stopped_by_reader = false;
  bool too_large = false;
  std::array<char, CURL_ERROR_SIZE> error = {};
  CURLcode result = CURLE_OK;

  static size_t OnBody(char* bytes, size_t size, size_t count, void* self) {
    auto* exchange = static_cast<Exchange*>(self);
    const absl::string_view piece(bytes, size * count);
    long status = 0;
    exchange->library->easy_getinfo(exchange->library->easy,
                                    CURLINFO_RESPONSE_CODE, &status);
    if (exchange->request->on_body && status >= 200 && status < 300) {
      if (exchange->request->on_body(piece)) return piece.size();
      exchange->stopped_by_reader = true;
      return 0;
    }
    if (exchange->response.body.size() + piece.size() >
        exchange->request->max_body) {
      exchange->too_large = true;
      return 0;
    }
    absl::StrAppend(&exchange->response.body, piece);
    return piece.size();
  }

  static size_t OnHeader(char* bytes, size_t size, size_t count, void* self) {
    auto* exchange = static_cast<Exchange*>(self);
    const absl::string_view line(bytes, size * count);
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(line, absl::MaxSplits(':', 1));
    if (absl::EqualsIgnoreCase(field.first, "date")) {
      exchange->response.date =
          std::string(absl::StripAsciiWhitespace(field.second));
    }
    return line.size();
  }

  static size_t OnUpload(char* bytes, size_t size, size_t count, void* self) {
    auto* exchange = static_cast<Exchange*>(self);
    const ssize_t got = read(exchange->upload, bytes, size * count);
    return got < 0 ? CURL_READFUNC_ABORT : static_cast<size_t>(got);
  }
};

CurlHttpClient::CurlHttpClient(const Interrupts* interrupts,
                               Environment environment)
    : interrupts_(interrupts), environment_(std::move(environment)) {}

CurlHttpClient::~CurlHttpClient() = default;

absl::Status CurlHttpClient::Load() {
  if (library_ != nullptr) return absl::OkStatus();
  void* handle = dlopen(kLibrary, RTLD_LAZY | RTLD_LOCAL);
  if (handle == nullptr) {
    return absl::InternalError(absl::StrCat("cannot load ", kLibrary, ": ",
                                            dlerror(),
                                            "; install Debian's libcurl4"));
  }
  auto library = std::make_unique<Library>();
  bool complete = true;
  const auto find = [&](auto* function, const char* name) {
    void* symbol = dlsym(handle, name);
    complete = complete && symbol != nullptr;
    std::memcpy(function, &symbol, sizeof(symbol));
  };
  find(&library->easy_init, "curl_easy_init");
  find(&library->easy_setopt, "curl_easy_setopt");
  find(&library->easy_getinfo, "curl_easy_getinfo");
  find(&library->easy_reset, "curl_easy_reset");
  find(&library->easy_cleanup, "curl_easy_cleanup");
  find(&library->easy_strerror, "curl_easy_strerror");
  find(&library->slist_append, "curl_slist_append");
  find(&library->slist_free_all, "curl_slist_free_all");
  find(&library->multi_init, "curl_multi_init");
  find(&library->multi_add_handle, "curl_multi_add_handle");
  find(&library->multi_remove_handle, "curl_multi_remove_handle");
  find(&library->multi_perform, "curl_multi_perform");
  find(&library->multi_poll, "curl_multi_poll");
  find(&library->multi_info_read, "curl_multi_info_read");
  find(&library->multi_cleanup, "curl_multi_cleanup");
  if (!complete) {
    return absl::InternalError(absl::StrCat(
        kLibrary, " is older than 7.66; install Debian's libcurl4"));
  }
  library->easy = library->easy_init();
  library->multi = library->multi_init();
  library_ = std::move(library);
  return absl::OkStatus();
}

absl::StatusOr<HttpResponse> CurlHttpClient::Send(const HttpRequest& request) {
  ORRERY_RETURN_IF_ERROR(Load());
  Exchange exchange(&request, library_.get());
  library_->easy_reset(library_->easy);
  SetTransfer(exchange);
  ORRERY_RETURN_IF_ERROR(SetBody(exchange));
  library_->multi_add_handle(library_->multi, library_->easy);
  const absl::Status status = Perform(exchange);
  library_->multi_remove_handle(library_->multi, library_->easy);
  if (!status.ok()) return status;
  return std::move(exchange.response);
}

void CurlHttpClient::SetTransfer(Exchange& exchange) {
  const Library& curl = *library_;
  const HttpRequest& request = *exchange.request;
  const auto set = [&](CURLoption option, auto value) {
    curl.easy_setopt(curl.easy, option, value);
  };
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_USERAGENT, absl::StrCat("orrery/", kVersion).c_str());
  set(CURLOPT_ACCEPT_ENCODING, "");
  set(CURLOPT_ERRORBUFFER, exchange.error.data());
  set(CURLOPT_CONNECTTIMEOUT_MS, Milliseconds(request.connect_timeout));
  set(CURLOPT_TIMEOUT_MS, Milliseconds(request.timeout));
  if (request.idle_timeout != absl::InfiniteDuration()) {
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME,
        std::max<long>(1, absl::ToInt64Seconds(request.idle_timeout)));
  }
  if (IsLoopback(HostOf(request.url))) set(CURLOPT_PROXY, "");
  const std::string authorities = environment_("SSL_CERT_FILE");
  if (!authorities.empty()) set(CURLOPT_CAINFO, authorities.c_str());
  set(CURLOPT_WRITEFUNCTION, &Exchange::OnBody);
  set(CURLOPT_WRITEDATA, &exchange);
  set(CURLOPT_HEADERFUNCTION, &Exchange::OnHeader);
  set(CURLOPT_HEADERDATA, &exchange);
  // Waiting for "100 Continue" would cost a second where it is not known.
  exchange.headers = curl.slist_append(nullptr, "Expect:");
  for (const auto& [name, value] : request.headers) {
    exchange.headers = curl.slist_append(
        exchange.headers, absl::StrCat(name, ": ", value).c_str());
  }
  set(CURLOPT_HTTPHEADER, exchange.headers);
}

absl::Status CurlHttpClient::SetBody(Exchange& exchange) {
  const HttpRequest& request = *exchange.request;
  const auto set = [&](CURLoption option, auto value) {
    library_->easy_setopt(library_->easy, option, value);
  };
  if (!request.upload_path.empty()) {
    exchange.upload = open(request.upload_path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat file = {};
    if (exchange.upload < 0 || fstat(exchange.upload, &file) != 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(request.upload_path, ": ", strerror(errno)));
    }
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_READFUNCTION, &Exchange::OnUpload);
    set(CURLOPT_READDATA, &exchange);
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(file.st_size));
  } else if (request.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else if (request.method == "POST") {
    set(CURLOPT_POSTFIELDS, request.body.c_str());
    set(CURLOPT_POSTFIELDSIZE_LARGE,
        static_cast<curl_off_t>(request.body.size()));
  } else if (request.method != "GET") {
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  return absl::OkStatus();
}

absl::Status CurlHttpClient::Perform(Exchange& exchange) {
  const Library& curl = *library_;
  int running = 1;
  while (running > 0) {
    if (interrupts_->raised()) return absl::CancelledError("interrupted");
    curl.multi_perform(curl.multi, &running);
    if (running == 0) break;
    curl_waitfd interrupt = {interrupts_->descriptor(), CURL_WAIT_POLLIN, 0};
    curl.multi_poll(curl.multi, &interrupt, 1, kPollMilliseconds, nullptr);
  }
  int left = 0;
  while (const CURLMsg* message = curl.multi_info_read(curl.multi, &left)) {
    if (message->msg == CURLMSG_DONE) exchange.result = message->data.result;
  }
  long http_status = 0;
  curl.easy_getinfo(curl.easy, CURLINFO_RESPONSE_CODE, &http_status);
  exchange.response.status = static_cast<int>(http_status);
  const char* content_type = nullptr;
  curl.easy_getinfo(curl.easy, CURLINFO_CONTENT_TYPE, &content_type);
  if (content_type != nullptr) exchange.response.content_type = content_type;
  if (exchange.result == CURLE_OK || exchange.stopped_by_reader) {
    return absl::OkStatus();
  }
  if (exchange.too_large) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the answer has more than ", exchange.request->max_body, " bytes"));
  }
  std::string cause = exchange.error.data();
  if (cause.empty()) cause = curl.easy_strerror(exchange.result);
  if (exchange.result == CURLE_COULDNT_CONNECT) {
    long os_error = 0;
    curl.easy_getinfo(curl.easy, CURLINFO_OS_ERRNO, &os_error);
    if (os_error != 0) cause = strerror(static_cast<int>(os_error));
  }
  if (exchange.result == CURLE_OPERATION_TIMEDOUT) {
    double connected = 0;
    curl.easy_getinfo(curl.easy, CURLINFO_CONNECT_TIME, &connected);
    if (connected > 0) return absl::DeadlineExceededError(LowerFirst(cause));
  }
  return absl::UnavailableError(LowerFirst(cause));
}

}  // namespace orrery::cli
