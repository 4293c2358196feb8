#include "cli-plugin/http/fake_http_client.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace orrery::tests {
namespace {

// Streams come in pieces that respect no line.
constexpr size_t kPiece = 7;

}  // namespace

void FakeHttpClient::Answer(absl::string_view method_and_path, int status,
                            absl::string_view body) {
  Scripted scripted;
  scripted.response.status = status;
  scripted.response.content_type =
      status < 300 ? "application/json" : "application/problem+json";
  scripted.response.date = "Thu, 01 Jan 2026 00:00:00 GMT";
  scripted.response.body = std::string(body);
  answers_[std::string(method_and_path)].push_back(scripted);
}

void FakeHttpClient::Fail(absl::string_view method_and_path,
                          absl::Status status) {
  Scripted scripted;
  scripted.status = std::move(status);
  answers_[std::string(method_and_path)].push_back(scripted);
}

absl::StatusOr<cli::HttpResponse> FakeHttpClient::Send(
    const cli::HttpRequest& request) {
  before_answer();
  const size_t host = request.url.find("://") + 3;
  const std::string target = request.url.substr(request.url.find('/', host));
  requests_.push_back(absl::StrCat(request.method, " ", target));
  const std::string key =
      absl::StrCat(request.method, " ", target.substr(0, target.find('?')));
  last_[key] = request;
  const auto found = answers_.find(key);
  if (found == answers_.end()) {
    return absl::UnavailableError(absl::StrCat("no script for ", key));
  }
  const Scripted scripted = found->second.front();
  if (found->second.size() > 1) found->second.pop_front();
  if (!scripted.status.ok()) return scripted.status;
  cli::HttpResponse response = scripted.response;
  if (!request.on_body || response.status >= 300) return response;
  absl::string_view rest = response.body;
  while (!rest.empty() && request.on_body(rest.substr(0, kPiece))) {
    rest.remove_prefix(std::min(kPiece, rest.size()));
  }
  response.body.clear();
  return response;
}

std::string FakeHttpClient::BodyOf(absl::string_view method_and_path) const {
  return Last(method_and_path).body;
}

const cli::HttpRequest& FakeHttpClient::Last(
    absl::string_view method_and_path) const {
  static const cli::HttpRequest* const kNone = new cli::HttpRequest();
  const auto found = last_.find(std::string(method_and_path));
  return found == last_.end() ? *kNone : found->second;
}

int FakeHttpClient::writes() const {
  return static_cast<int>(std::count_if(
      requests_.begin(), requests_.end(), [](const std::string& request) {
        return !absl::StartsWith(request, "GET ") &&
               !absl::StartsWith(request, "HEAD ");
      }));
}

}  // namespace orrery::tests
