#include "server/api/event_stream.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

#include "server/http/problem.h"

namespace orrery::server {

std::string FormatEvent(absl::string_view event, absl::string_view id,
                        absl::string_view data) {
  std::string text;
  if (!event.empty()) absl::StrAppend(&text, "event: ", event, "\n");
  if (!id.empty()) absl::StrAppend(&text, "id: ", id, "\n");
  const std::string lines =
      absl::StrReplaceAll(data, {{"\r\n", "\n"}, {"\r", "\n"}});
  for (const absl::string_view line : absl::StrSplit(lines, '\n')) {
    absl::StrAppend(&text, "data: ", line, "\n");
  }
  absl::StrAppend(&text, "\n");
  return text;
}

DocumentEvents::DocumentEvents(std::unique_ptr<DocumentStream> documents,
                               std::string instance, std::string request_id)
    : documents_(std::move(documents)),
      instance_(std::move(instance)),
      request_id_(std::move(request_id)) {}

std::string DocumentEvents::Poll() {
  if (done_) return "";
  const auto documents = documents_->Poll();
  if (!documents.ok()) return ErrorEvent(documents.status());
  std::string text;
  for (const std::string& document : *documents) {
    text += FormatEvent("", absl::StrCat(next_id_++), document);
  }
  if (documents_->done()) {
    done_ = true;
    text += FormatEvent("end", "", "{}");
  }
  return text;
}

std::string DocumentEvents::Interrupt() {
  return ErrorEvent(
      absl::UnavailableError("the server is shutting down, try again"));
}

std::string DocumentEvents::ErrorEvent(const absl::Status& status) {
  done_ = true;
  return FormatEvent("error", "",
                     ProblemJson(ProblemOf(status), instance_, request_id_));
}

HttpResponse EventResponse(std::unique_ptr<EventSource> events) {
  HttpResponse response;
  response.fields.Add("Content-Type", "text/event-stream");
  response.fields.Add("Cache-Control", "no-store");
  response.fields.Add("X-Accel-Buffering", "no");
  response.events = std::move(events);
  return response;
}

}  // namespace orrery::server
