#include "catalog/orchestrator/task/network_prober.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "curl/curl.h"

namespace orrery::catalog {
namespace {

constexpr int kLongestWaitMilliseconds = 60000;

std::string UrlOf(const NetworkProbe& probe) {
  const bool v6 = absl::StrContains(probe.host, ":");
  return absl::StrCat(probe.kind == ProbeKind::kHttps ? "https://" : "http://",
                      v6 ? "[" : "", probe.host, v6 ? "]" : "", ":", probe.port,
                      probe.kind == ProbeKind::kTcp ? "/" : probe.path);
}

// The body says nothing; the transfer ends with its first byte.
size_t RefuseBody(char*, size_t, size_t, void*) { return 0; }

struct Running {
  explicit Running(NetworkProbe asked)
      : probe(std::move(asked)), curl(curl_easy_init(), &curl_easy_cleanup) {}

  NetworkProbe probe;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl;
  char reason[CURL_ERROR_SIZE] = "";
};

void Configure(Running* running) {
  CURL* const curl = running->curl.get();
  const NetworkProbe& probe = running->probe;
  const long timeout = std::max<long>(
      1, static_cast<long>(absl::ToInt64Milliseconds(probe.timeout)));
  curl_easy_setopt(curl, CURLOPT_URL, UrlOf(probe).c_str());
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, running->reason);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, timeout);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
  curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTP09_ALLOWED, 0L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "orreryd");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &RefuseBody);
  if (probe.kind == ProbeKind::kTcp) {
    curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
  }
}

ProbeResult Fail(std::string reason) {
  return {ProbeVerdict::kFail, std::move(reason)};
}

// Why nothing was answered; shorter than what curl says.
std::string FaultOf(const Running& running, CURLcode code) {
  long error = 0;
  curl_easy_getinfo(running.curl.get(), CURLINFO_OS_ERRNO, &error);
  if (code == CURLE_COULDNT_CONNECT && error != 0) {
    return absl::StrCat("it cannot be connected to: ",
                        std::strerror(static_cast<int>(error)));
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return absl::StrCat("no answer within ",
                        absl::FormatDuration(running.probe.timeout));
  }
  return running.reason[0] == '\0' ? curl_easy_strerror(code) : running.reason;
}

ProbeResult ResultOf(const Running& running, CURLcode code) {
  const std::string text = FaultOf(running, code);
  if (running.probe.kind == ProbeKind::kTcp) {
    return code == CURLE_OK ? ProbeResult{ProbeVerdict::kPass, ""} : Fail(text);
  }
  long status = 0;
  curl_easy_getinfo(running.curl.get(), CURLINFO_RESPONSE_CODE, &status);
  // CURLE_WRITE_ERROR is our own refusal of the body.
  if (code != CURLE_OK && code != CURLE_WRITE_ERROR) return Fail(text);
  if (status < 200 && running.probe.ignore_1xx) {
    return {ProbeVerdict::kNoChange, ""};
  }
  const std::vector<int>& codes = running.probe.status_codes;
  const bool pass = codes.empty() ? status >= 200 && status < 400
                                  : std::find(codes.begin(), codes.end(),
                                              status) != codes.end();
  return pass ? ProbeResult{ProbeVerdict::kPass, ""}
              : Fail(absl::StrCat("it answers with status ", status));
}

}  // namespace

struct NetworkProber::Multi {
  std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> handle{
      curl_multi_init(), &curl_multi_cleanup};
};

NetworkProber::NetworkProber(Sink sink)
    : sink_(std::move(sink)), multi_(std::make_unique<Multi>()) {
  thread_ = std::thread([this] { Run(); });
}

NetworkProber::~NetworkProber() {
  {
    const MutexLock lock(&mutex_);
    stopping_ = true;
  }
  curl_multi_wakeup(multi_->handle.get());
  thread_.join();
}

void NetworkProber::Start(NetworkProbe probe) {
  {
    const MutexLock lock(&mutex_);
    started_.push_back(std::move(probe));
  }
  curl_multi_wakeup(multi_->handle.get());
}

std::vector<NetworkProbe> NetworkProber::TakeStarted(bool* stopping) {
  const MutexLock lock(&mutex_);
  *stopping = stopping_;
  return std::exchange(started_, {});
}

void NetworkProber::Run() {
  CURLM* const multi = multi_->handle.get();
  std::map<CURL*, std::unique_ptr<Running>> running;
  bool stopping = false;
  while (true) {
    for (NetworkProbe& probe : TakeStarted(&stopping)) {
      auto started = std::make_unique<Running>(std::move(probe));
      Configure(started.get());
      CURL* const curl = started->curl.get();
      curl_multi_add_handle(multi, curl);
      running.emplace(curl, std::move(started));
    }
    if (stopping) break;
    int active = 0;
    curl_multi_perform(multi, &active);
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const auto place = running.find(message->easy_handle);
      const ProbeResult result = ResultOf(*place->second, message->data.result);
      const uint64_t key = place->second->probe.key;
      curl_multi_remove_handle(multi, place->first);
      running.erase(place);
      sink_(key, result);
    }
    curl_multi_poll(multi, nullptr, 0, kLongestWaitMilliseconds, nullptr);
  }
  for (const auto& [curl, probe] : running) {
    curl_multi_remove_handle(multi, curl);
  }
}

std::string DescribeProbe(const NetworkProbe& probe) {
  if (probe.kind == ProbeKind::kTcp) {
    return absl::StrCat("TCP ", probe.host, ":", probe.port);
  }
  return absl::StrCat("GET ", UrlOf(probe));
}

}  // namespace orrery::catalog
