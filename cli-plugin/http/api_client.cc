#include "cli-plugin/http/api_client.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli-plugin/http/sse_reader.h"
#include "cli-plugin/text/problem.h"

#include "registry/format/json_parse.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

// Heartbeats come every 15 seconds; after three the stream is dead.
constexpr absl::Duration kStreamIdle = absl::Seconds(50);

// Large enough for every document of a package, small enough to be refused
// from a server that is not orreryd.
constexpr registry::JsonLimits kAnswerLimits = {.max_bytes = size_t{256} << 20,
                                                .max_depth = 1000,
                                                .max_number_length = 10000};

bool Succeeded(int status) { return status >= 200 && status < 300; }

absl::StatusOr<JsonValue> ParseAnswer(const HttpResponse& response,
                                      absl::string_view url) {
  if (response.body.empty()) return JsonValue::Object();
  auto document = registry::ParseJson(response.body, kAnswerLimits);
  if (document.ok()) return std::move(document->root);
  return absl::InternalError(absl::StrCat(
      url, " answered ", response.status, " with ",
      response.content_type.empty() ? "something" : response.content_type,
      " that is not JSON; is that an orreryd?"));
}

absl::Status AnsweredProblem(const HttpResponse& response,
                             absl::string_view url) {
  auto document = registry::ParseJson(response.body, kAnswerLimits);
  return ProblemFromAnswer(response.status,
                           document.ok() ? document->root : JsonValue(), url);
}

}  // namespace

std::string PercentEncoded(absl::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || absl::StrContains("-._~", c)) {
      encoded.push_back(c);
      continue;
    }
    encoded.push_back('%');
    encoded.push_back(kHex[byte >> 4]);
    encoded.push_back(kHex[byte & 0xF]);
  }
  return encoded;
}

ApiClient::ApiClient(HttpClient* http, std::string server)
    : http_(http), server_(std::move(server)) {}

absl::StatusOr<JsonValue> ApiClient::Get(absl::string_view path,
                                         const Query& query,
                                         absl::Duration timeout) {
  HttpRequest request;
  request.url = Url(path, query);
  request.timeout = timeout;
  request.connect_timeout = std::min(request.connect_timeout, timeout);
  return Exchange(request);
}

absl::StatusOr<JsonValue> ApiClient::Post(absl::string_view path,
                                          const JsonValue& body,
                                          absl::Duration timeout) {
  HttpRequest request;
  request.method = "POST";
  request.url = Url(path, {});
  request.headers = {{"Content-Type", "application/json"}};
  request.body = registry::WriteJson(body);
  request.timeout = timeout;
  return Exchange(request);
}

absl::StatusOr<JsonValue> ApiClient::Delete(absl::string_view path) {
  HttpRequest request;
  request.method = "DELETE";
  request.url = Url(path, {});
  return Exchange(request);
}

absl::StatusOr<std::vector<JsonValue>> ApiClient::GetAll(
    absl::string_view path, absl::string_view member, absl::Duration timeout) {
  std::vector<JsonValue> all;
  std::string token;
  do {
    Query query = {{"page_size", "1000"}};
    if (!token.empty()) query.push_back({"page_token", token});
    ORRERY_ASSIGN_OR_RETURN(JsonValue page, Get(path, query, timeout));
    JsonValue* items = page.Find(member);
    if (items == nullptr || !items->is_array()) {
      return absl::InternalError(absl::StrCat(Url(path, {}),
                                              " answered without \"", member,
                                              "\"; is that an orreryd?"));
    }
    for (JsonValue& item : items->items()) all.push_back(std::move(item));
    token = std::string(page.FindString("next_page_token"));
  } while (!token.empty());
  return all;
}

absl::Status ApiClient::Watch(
    absl::string_view path, const Query& query, absl::Duration timeout,
    const std::function<bool(const JsonValue&)>& on_event) {
  HttpRequest request;
  request.url = Url(path, query);
  request.headers = {{"Accept", "text/event-stream"}};
  request.timeout = timeout;
  request.idle_timeout = kStreamIdle;
  SseReader reader;
  bool ended = false;
  absl::Status fault;
  request.on_body = [&](absl::string_view bytes) {
    for (const SseEvent& event : reader.Add(bytes)) {
      if (event.type == "end") {
        ended = true;
        return false;
      }
      auto document = registry::ParseJson(event.data, kAnswerLimits);
      if (!document.ok()) {
        fault = absl::InternalError(
            absl::StrCat("an event of ", request.url, " is not JSON"));
        return false;
      }
      if (event.type == "error") {
        fault = ProblemFromAnswer(500, document->root, request.url);
        return false;
      }
      if (!on_event(document->root)) {
        ended = true;
        return false;
      }
    }
    return !reader.too_long();
  };
  ORRERY_ASSIGN_OR_RETURN(const HttpResponse response, Send(path, request));
  if (!Succeeded(response.status)) {
    return AnsweredProblem(response, request.url);
  }
  if (!fault.ok() || ended) return fault;
  return absl::UnavailableError(
      absl::StrCat("the stream of ", request.url, " broke off"));
}

absl::StatusOr<HttpResponse> ApiClient::Send(absl::string_view path,
                                             HttpRequest request) {
  if (request.url.empty()) request.url = Url(path, {});
  auto response = http_->Send(request);
  if (!response.ok()) return Unreachable(response.status());
  return response;
}

std::string ApiClient::Url(absl::string_view path, const Query& query) const {
  std::string url = absl::StrCat(server_, path);
  char separator = '?';
  for (const auto& [name, value] : query) {
    url.push_back(separator);
    absl::StrAppend(&url, name, "=", PercentEncoded(value));
    separator = '&';
  }
  return url;
}

absl::StatusOr<JsonValue> ApiClient::Exchange(const HttpRequest& request) {
  auto response = http_->Send(request);
  if (!response.ok()) return Unreachable(response.status());
  if (!Succeeded(response->status)) {
    return AnsweredProblem(*response, request.url);
  }
  return ParseAnswer(*response, request.url);
}

absl::Status ApiClient::Unreachable(const absl::Status& cause) const {
  if (absl::IsDeadlineExceeded(cause)) {
    return absl::DeadlineExceededError(absl::StrCat(
        "orreryd at ", server_, " did not answer in time: ", cause.message()));
  }
  if (!absl::IsUnavailable(cause)) return cause;
  return absl::UnavailableError(absl::StrCat(
      "cannot reach orreryd at ", server_, ": ", cause.message(),
      "; start it with `orreryd --data-dir DIR`, or name another one with "
      "--server or ORRERY_SERVER"));
}

}  // namespace orrery::cli
