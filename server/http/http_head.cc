#include "server/http/http_head.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace orrery::server::internal {
namespace {

constexpr absl::string_view kScheme = "http://";
// Of the fields of a request; more is only slower.
constexpr size_t kUsualFields = 16;
constexpr size_t kUsualBytes = 512;
// About what a head has beside the fields of the response.
constexpr size_t kHeadRest = 200;

// False when it is no path.
bool SplitTarget(HttpRequest* request) {
  absl::string_view target = request->target;
  if (absl::StartsWithIgnoreCase(target, kScheme)) {
    target.remove_prefix(kScheme.size());
    const size_t slash = std::min(target.find('/'), target.size());
    // Two of them stay two, and are refused.
    if (request->fields.Count("Host") <= 1) {
      request->fields.Set("Host", target.substr(0, slash));
    }
    target.remove_prefix(slash);
    if (target.empty()) target = "/";
  }
  const bool is_ascii =
      std::all_of(target.begin(), target.end(), [](char letter) {
        return letter > ' ' && letter < '\x7f' && letter != '#';
      });
  if (!absl::StartsWith(target, "/") || !is_ascii) return false;
  const size_t question = target.find('?');
  request->path = std::string(target.substr(0, question));
  if (question != absl::string_view::npos) {
    request->query = std::string(target.substr(question + 1));
  }
  return true;
}

absl::string_view View(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

std::optional<HttpFault> TakeHead(const HttpParser& parser,
                                  HttpRequest* request) {
  const auto& head = parser.get();
  request->method = std::string(View(head.method_string()));
  request->target = std::string(View(head.target()));
  request->is_http_1_0 = head.version() == 10;
  request->fields.Reserve(kUsualFields, kUsualBytes);
  for (const auto& field : head) {
    request->fields.Add(View(field.name_string()), View(field.value()));
  }
  if (!SplitTarget(request)) {
    return HttpFault{400, "the request target is malformed"};
  }
  // Where a proxy in front may see another end of the body than we do, nothing
  // is guessed (RFC 9112 §6.1, §6.3, §11.2).
  const size_t codings = request->fields.Count("Transfer-Encoding");
  if (codings > 1 || request->fields.Count("Content-Length") > 1 ||
      (codings == 1 && request->is_http_1_0)) {
    return HttpFault{400,
                     "the length of the body is said in more than one way"};
  }
  if (codings == 1 &&
      !absl::EqualsIgnoreCase(request->fields.Get("Transfer-Encoding"),
                              "chunked")) {
    return HttpFault{501, "the only transfer coding known here is chunked"};
  }
  return std::nullopt;
}

absl::string_view DateText::At(absl::Time now) {
  const int64_t second = absl::ToUnixSeconds(now);
  if (second != second_) {
    second_ = second;
    text_ =
        absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", now, absl::UTCTimeZone());
  }
  return text_;
}

std::string FormatHead(const HttpResponse& response,
                       const ResponseFraming& framing, absl::string_view date) {
  std::string head;
  head.reserve(kHeadRest + response.fields.text().size());
  absl::StrAppend(&head, "HTTP/1.1 ", response.status, " ",
                  ReasonPhrase(response.status), "\r\nDate: ", date, "\r\n",
                  response.fields.text());
  if (framing.content_length.has_value()) {
    absl::StrAppend(&head, "Content-Length: ", *framing.content_length, "\r\n");
  }
  if (framing.chunked) head.append("Transfer-Encoding: chunked\r\n");
  if (!framing.keep_alive) {
    head.append("Connection: close\r\n");
  } else if (framing.is_http_1_0) {
    head.append("Connection: keep-alive\r\n");
  }
  head.append("\r\n");
  return head;
}

}  // namespace orrery::server::internal
